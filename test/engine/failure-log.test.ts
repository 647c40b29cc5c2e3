import { FailureLog } from '../../src/engine/worker/failure-log'

test('what every attempt fails for is an error once, and again after a minute without it', () => {
  const lines: string[] = []
  const say = (level: string) => (_: unknown, text: string) => void lines.push(`${level} ${text.split(';')[0]}`)
  const clock = { ms: 1_000_000 }
  const log = { debug: say('debug'), error: say('error') }
  const failures = new FailureLog(log as never, { monotonic: () => clock.ms })
  const note = (text: string, afterMs = 0) => {
    clock.ms += afterMs
    failures.note(new Error(text))
  }
  note('offset 1 is gone')
  note('offset 22 is gone', 59_999)
  // As long as it goes on it is the same one.
  note('offset 3 is gone', 59_999)
  note('another fault')
  note('offset 4 is gone')
  note('offset 5 is gone', 60_000)
  expect(lines).toEqual([
    ...['error offset 1 is gone', 'debug offset 22 is gone', 'debug offset 3 is gone'],
    ...['error another fault', 'error offset 4 is gone', 'error offset 5 is gone'],
  ])
})
