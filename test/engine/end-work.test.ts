import { EndWork } from '../../src/engine/worker/end-work'
import { ContentError, FencedError, UnavailableError } from '../../src/errors'

function scene() {
  const clock = { ms: 100, now: () => 0, monotonic: () => clock.ms }
  const work = new EndWork(clock)
  /** A request that is made now, and how to end it. */
  const ask = () => {
    let [answer, refuse] = [(_given: string) => {}, (_error: unknown) => {}]
    const request = new Promise<string>((resolve, reject) => {
      answer = resolve
      refuse = reject
    })
    const during = work.during(request)
    const settled = during.catch((error: unknown) => error)
    return { during, settled, answer, refuse }
  }
  const fails = async (error: unknown) => {
    const { refuse, settled } = ask()
    refuse(error)
    expect(await settled).toBe(error)
  }
  return { clock, work, ask, fails }
}

test('an end owes an answer since the oldest request that it has not answered', async () => {
  const { clock, work, ask } = scene()
  expect(work.owesSinceMs).toBeUndefined()
  const first = ask()
  clock.ms = 200
  const second = ask()
  clock.ms = 300
  expect(work.owesSinceMs).toBe(100)
  first.answer('first')
  expect(await first.during).toBe('first')
  expect(work.owesSinceMs).toBe(200)
  const error = new UnavailableError('down')
  second.refuse(error)
  await expect(second.during).rejects.toBe(error)
  expect(work.owesSinceMs).toBeUndefined()
})

test('an end fails since its first failure, by its last one, until it works', async () => {
  const { clock, work, ask, fails } = scene()
  await fails(new UnavailableError('down'))
  clock.ms = 200
  const last = new UnavailableError('still down')
  await fails(last)
  expect(work.failure).toEqual({ sinceMs: 100, error: last })
  expect(work.failure?.error).toBe(last)
  const { answer, during } = ask()
  answer('again')
  await during
  expect(work.failure).toBeUndefined()
  clock.ms = 300
  await fails(last)
  expect(work.failure?.sinceMs).toBe(300)
})

test.each([new ContentError('too long'), new FencedError('another worker has it'), 'no error at all'])(
  'an end is well after %p',
  async error => {
    const { work, fails } = scene()
    await fails(error)
    expect(work.failure).toBeUndefined()
    expect(work.owesSinceMs).toBeUndefined()
  },
)
