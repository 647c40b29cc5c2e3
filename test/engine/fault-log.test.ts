import { FaultLog } from '../../src/engine/worker/fault-log'
import { ProcessError } from '../../src/errors'

test('each kind of fault has a line a minute, which says how many there were', () => {
  const lines: string[] = []
  const places: (string | undefined)[] = []
  const time = { ms: 0 }
  const warn = ({ at }: { at?: string }, line: string) => {
    places.push(at)
    lines.push(line)
  }
  const authors = expect.stringMatching(/fault-log\.test\.ts:\d+:\d+$/)
  const log = { debug: () => {}, info: () => {}, warn, error: () => {} }
  const faults = new FaultLog(log as never, { now: () => 0, monotonic: () => time.ms })
  const at = { topic: 'in', partition: 2, offset: 7 }
  for (let i = 0; i < 100; i++) faults.note('cut', at, new ProcessError('too long'))
  faults.note('cut', { ...at, offset: -1 }, new RangeError('no'))
  expect(lines).toEqual([
    'step cut, in/2 offset 7 is left out: ProcessError: too long',
    'step cut, partition 2, a result is left out: RangeError: no',
  ])
  expect(places).toEqual([authors, authors])
  time.ms = 60_000
  faults.note('cut', at, new ProcessError('too long'))
  expect(lines[2]).toBe(
    'step cut, in/2 offset 7 is left out: ProcessError: too long; 99 more of this kind since the last line',
  )
})
