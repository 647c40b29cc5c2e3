import { useEffect, useState } from 'preact/hooks'
import type { MessageFormat } from '../../../contract'
import { Choices } from '../../components/tabs'
import { setQuery } from '../../shell/location'
import { Field, Pick } from '../field'
import { formats, type Reading, type Start, startOf } from './reading'

interface ControlsProps {
  readonly topic: string
  readonly reading: Reading
}

const modes = [
  { value: 'browse', title: 'Browse' },
  { value: 'follow', title: 'Follow' },
] as const

const starts: readonly (readonly [Start, string])[] = [
  ['latest', 'the newest'],
  ['earliest', 'the oldest'],
  ['offset', 'an offset'],
  ['time', 'a time'],
]

const formatOptions = formats.map((format): readonly [MessageFormat, string] => [format, format])

/** Which messages, and how they are read. */
export function Controls({ reading }: ControlsProps) {
  const { mode, partitions = '', keyFormat, valueFormat, uncommitted } = reading
  const [isOpen, setOpen] = useState(keyFormat !== 'auto' || valueFormat !== 'auto' || uncommitted)
  return (
    <div class="message-controls">
      <Choices
        label="What to look at"
        choices={modes}
        value={mode === 'follow' ? 'follow' : 'browse'}
        change={value => setQuery({ follow: value === 'follow' ? '' : undefined, cursor: undefined }, true)}
      />
      {mode !== 'follow' && <From reading={reading} />}
      <Filter text={reading.filter} />
      <Entered
        {...{ label: 'Partitions', value: partitions, placeholder: 'all, or 0,2,5-7' }}
        enter={text => setQuery({ partitions: text, cursor: undefined })}
      />
      <button type="button" class="button plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Formats
      </button>
      {isOpen && (
        <div class="row">
          <Pick label="Keys as" value={keyFormat} options={formatOptions} change={key => setQuery({ key })} />
          <Pick label="Values as" value={valueFormat} options={formatOptions} change={value => setQuery({ value })} />
          <label class="row">
            <input
              type="checkbox"
              checked={uncommitted}
              onChange={event => setQuery({ uncommitted: event.currentTarget.checked ? 'true' : undefined })}
            />
            also what isn’t committed
          </label>
        </div>
      )}
    </div>
  )
}

function From({ reading: { from } }: { readonly reading: Reading }) {
  const [start, setStart] = useState(startOf(from))
  useEffect(() => setStart(startOf(from)), [from])
  const choose = (next: Start) => {
    setStart(next)
    if (next === 'latest' || next === 'earliest')
      setQuery({ from: next === 'latest' ? undefined : next, cursor: undefined })
  }
  const enter = (text: string) => {
    const place = start === 'time' ? `@${text}` : text
    if (text !== '') setQuery({ from: place, cursor: undefined })
  }
  const typed = startOf(from) === start ? from.replace(/^@/, '') : ''
  return (
    <>
      <Pick label="From" value={start} options={starts} change={choose} />
      {start === 'offset' && <Entered label="Offset" value={typed} placeholder="1200" enter={enter} />}
      {start === 'time' && (
        <Entered label="Time" value={typed} placeholder="-10m, or 2026-11-22T15:00:00Z" enter={enter} />
      )}
    </>
  )
}

function Filter({ text }: { readonly text: string }) {
  return (
    <div class="message-filter">
      <Entered
        {...{ label: 'Search by a filter', value: text, placeholder: 'value.temperature > 30 && key == "7"' }}
        enter={filter => setQuery({ filter, cursor: undefined }, true)}
      />
    </div>
  )
}

interface EnteredProps {
  readonly label: string
  readonly value: string
  readonly placeholder: string
  readonly enter: (text: string) => void
}

/** A text that counts once Enter is pressed or the field is left. */
function Entered({ label, value, placeholder, enter }: EnteredProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const done = () => typed.trim() !== value && enter(typed.trim())
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        done()
      }}
      onFocusOut={done}
    >
      <Field label={label} value={typed} change={setTyped} placeholder={placeholder} />
    </form>
  )
}
