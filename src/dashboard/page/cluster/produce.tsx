import { useState } from 'preact/hooks'
import type { Body } from '../../contract'
import { api } from '../data/api'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'
import { Field, Pick } from './field'
import { FormDialog } from './form-dialog'
import { pairsOf } from './pairs-text'

type Format = NonNullable<Body<'POST /api/topics/:topic/messages'>['valueFormat']>

/** What is typed of a message. */
interface Draft {
  readonly key: string
  readonly hasKey: boolean
  readonly value: string
  readonly isTombstone: boolean
  readonly format: Format
  readonly headers: string
  readonly partition: string
}

const formats: readonly (readonly [Format, string])[] = [
  ['auto', 'Avro where the registry has a schema'],
  ['avro', 'Avro'],
  ['json', 'JSON'],
  ['text', 'Text'],
]

/** Writes one message. */
export function Produce({ topic, close }: { readonly topic: string; readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>({
    ...{ key: '', hasKey: true, value: '', isTombstone: false, format: 'auto', headers: '', partition: '' },
  })
  const set = <K extends keyof Draft>(name: K, value: Draft[K]) => setDraft(last => ({ ...last, [name]: value }))
  const produce = async () => {
    await api('POST /api/topics/:topic/messages', { params: { topic }, body: bodyOf(draft, topic) })
    close()
    go(pathTo('topic', { topic }))
  }
  return (
    <FormDialog
      title="Write a message"
      verb={`Write to ${topic}`}
      missing={missingIn(draft)}
      act={produce}
      close={close}
    >
      <Check label="With a key" checked={draft.hasKey} change={checked => set('hasKey', checked)} />
      {draft.hasKey && <Field label="Key" value={draft.key} change={text => set('key', text)} />}
      <Check label="Without a value: a tombstone" checked={draft.isTombstone} change={on => set('isTombstone', on)} />
      {!draft.isTombstone && (
        <>
          <Field label="Value" long value={draft.value} change={text => set('value', text)} />
          <Pick label="Written as" value={draft.format} options={formats} change={format => set('format', format)} />
        </>
      )}
      <Field
        {...{ label: 'Headers, one a line', long: true, placeholder: 'source: by hand' }}
        value={draft.headers}
        change={text => set('headers', text)}
      />
      <Field
        {...{ label: 'Partition', placeholder: 'by the key', value: draft.partition }}
        change={text => set('partition', text)}
      />
    </FormDialog>
  )
}

interface CheckProps {
  readonly label: string
  readonly checked: boolean
  readonly change: (checked: boolean) => void
}

function Check({ label, checked, change }: CheckProps) {
  return (
    <label class="row">
      <input type="checkbox" checked={checked} onChange={event => change(event.currentTarget.checked)} />
      {label}
    </label>
  )
}

function bodyOf(draft: Draft, topic: string): Body<'POST /api/topics/:topic/messages'> {
  const partition = draft.partition.trim()
  return {
    key: draft.hasKey ? draft.key : null,
    value: draft.isTombstone ? null : draft.value,
    valueFormat: draft.format,
    headers: pairsOf(draft.headers, ':').pairs.map(([name, value]): [string, string] => [name, value]),
    ...(partition === '' ? {} : { partition: Number(partition) }),
    confirm: topic,
  }
}

function missingIn({ partition, headers }: Draft): string | undefined {
  if (!/^\d*$/.test(partition.trim())) return 'The partition is a number, or nothing.'
  const { wrongLine } = pairsOf(headers, ':')
  return wrongLine === undefined ? undefined : `Line ${wrongLine} of the headers is no name: value.`
}
