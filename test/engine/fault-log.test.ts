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

test('kinds are told apart by step and class of error, whatever was thrown', () => {
  const lines: string[] = []
  const time = { ms: 0 }
  const log = { debug: () => {}, info: () => {}, warn: (_: object, line: string) => lines.push(line), error: () => {} }
  const faults = new FaultLog(log as never, { now: () => 0, monotonic: () => time.ms })
  const at = { topic: 'in', partition: 0, offset: 0 }
  faults.note('cut', at, 'some words')
  faults.note('fold', at, 'some words')
  faults.note('cut', at, new TypeError('no'))
  faults.note('cut', at, 7)
  expect(lines).toHaveLength(4)
  expect(lines[0]).toContain('in/0 offset 0 ')
  expect(lines[0]).toContain('some words')
  time.ms = 59_999
  faults.note('fold', at, 'others')
  expect(lines).toHaveLength(4)
  time.ms = 60_000
  faults.note('cut', at, 'others')
  faults.note('fold', at, 'others')
  // None was left unsaid of the first kind, and one of the second.
  expect(lines.slice(4).map(line => /(\d+) more/.exec(line)?.[1])).toEqual([undefined, '1'])
  time.ms = 60_001
  faults.note('fold', at, 'others')
  expect(lines).toHaveLength(6)
  time.ms = 120_000
  faults.note('fold', at, 'others')
  expect(lines[6]).toContain('; 1 more')
})
