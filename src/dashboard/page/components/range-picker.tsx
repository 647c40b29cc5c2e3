import { useId, useState } from 'preact/hooks'
import { nowMs } from '../data/clock'
import { clock } from '../lib/format'
import { rangeMs, type TimeRange, timeOf, usualRanges } from '../lib/time-range'
import { Dialog } from './dialog'

interface RangePickerProps {
  readonly range: TimeRange
  readonly change: (range: TimeRange) => void
}

/** Chooses a stretch of time: one that moves with now, or one between two times. */
export function RangePicker({ range, change }: RangePickerProps) {
  const [isOpen, setOpen] = useState(false)
  const fixed = range.to !== '' || !usualRanges.some(each => each.from === range.from)
  const { fromMs, toMs } = rangeMs(range, nowMs.peek())
  const words = `${clock(fromMs, nowMs.peek())} to ${range.to === '' ? 'now' : clock(toMs, nowMs.peek())}`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that nobody needs here.
    <div class="choices" role="group" aria-label="Time range">
      {usualRanges.map(({ from, label }) => (
        <button
          key={from}
          type="button"
          aria-pressed={!fixed && range.from === from}
          onClick={() => change({ from, to: '' })}
        >
          {label}
        </button>
      ))}
      <button type="button" aria-pressed={fixed} onClick={() => setOpen(true)}>
        {fixed ? words : 'Between …'}
      </button>
      {isOpen && <BetweenDialog fromMs={fromMs} toMs={toMs} change={change} close={() => setOpen(false)} />}
    </div>
  )
}

interface BetweenProps {
  readonly fromMs: number
  readonly toMs: number
  readonly change: (range: TimeRange) => void
  readonly close: () => void
}

function BetweenDialog({ fromMs, toMs, change, close }: BetweenProps) {
  const [from, setFrom] = useState(localText(fromMs))
  const [to, setTo] = useState(localText(toMs))
  const ids = [useId(), useId()]
  const [start, end] = [timeOf(from, 0), timeOf(to, 0)]
  const isSound = start !== undefined && end !== undefined && start < end
  const submit = (event: Event) => {
    event.preventDefault()
    if (!isSound) return
    change({ from: String(start), to: String(end) })
    close()
  }
  const field = (label: string, id: string | undefined, value: string, set: (value: string) => void) => (
    <label class="field" for={id}>
      <span>{label}</span>
      <input
        class="input"
        type="datetime-local"
        step="1"
        id={id}
        value={value}
        onInput={event => set(event.currentTarget.value)}
      />
    </label>
  )
  return (
    <Dialog title="Between two times" close={close}>
      <form class="stack" onSubmit={submit}>
        {field('From', ids[0], from, setFrom)}
        {field('To', ids[1], to, setTo)}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button main" disabled={!isSound}>
            Show
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** As `datetime-local` has it, in the browser's zone. */
function localText(ms: number): string {
  const at = new Date(ms)
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
