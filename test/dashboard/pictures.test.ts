import { Pictures, type PicturesOptions } from '../../src/dashboard/server/pictures'
import { ProblemError } from '../../src/dashboard/server/problems'
import { UnavailableError } from '../../src/errors'
import { NotFoundError } from '../../src/ops/errors'

const away = { service: 'kafka', sinceMs: 1, reason: 'connect ECONNREFUSED', todo: null } as const

/** A watch whose service goes and comes by hand. */
function watch() {
  const state = { isAway: false }
  return {
    state,
    up: () => {},
    down: () => {},
    isUp: () => !state.isAway,
    get outages() {
      return state.isAway ? [away] : []
    },
  } satisfies PicturesOptions['watch'] & { state: object }
}

const dataOf = (text: string) => JSON.parse(text) as { data: unknown; ageMs: number; outages: readonly unknown[] }

it('gives the last picture with its age while the service is away, without asking it', async () => {
  const service = watch()
  const pictures = new Pictures({ watch: service, freshMs: 0 })
  expect(dataOf(await pictures.look('a', 'kafka', async () => [1])).data).toEqual([1])
  service.state.isAway = true
  const old = dataOf(await pictures.look('a', 'kafka', () => Promise.reject(new Error('asked'))))
  expect(old).toMatchObject({ data: [1], outages: [away] })
  expect(old.ageMs).toBeGreaterThanOrEqual(0)
  service.state.isAway = false
  expect(dataOf(await pictures.look('a', 'kafka', async () => [2]))).toMatchObject({ data: [2], outages: [] })
})

it('says which service is away where there is no picture', async () => {
  const service = watch()
  service.state.isAway = true
  const pictures = new Pictures({ watch: service })
  const error = await pictures.look('a', 'kafka', async () => 1).catch(error => error)
  expect(error).toBeInstanceOf(ProblemError)
  expect(error.problem).toMatchObject({ code: 'service-down', where: 'kafka', what: away.reason, outages: [away] })
})

it('falls back on the last picture where only this request has failed, and says why', async () => {
  const pictures = new Pictures({ watch: watch(), freshMs: 0 })
  await pictures.look('a', 'kafka', async () => 'old')
  const answer = dataOf(
    await pictures.look('a', 'kafka', () => Promise.reject(new UnavailableError('broker 2 is away'))),
  )
  expect(answer).toMatchObject({ data: 'old', outages: [{ service: 'kafka', reason: 'broker 2 is away' }] })
})

it('never hangs', async () => {
  const pictures = new Pictures({ watch: watch(), patienceMs: 20 })
  const error = await pictures.look('a', 'kafka', () => new Promise(() => {})).catch(error => error)
  expect(error.problem).toMatchObject({ code: 'service-down', what: 'no answer within 0.02 s' })
})

it('leaves an error that is no outage to the caller', async () => {
  const pictures = new Pictures({ watch: watch(), freshMs: 0 })
  await pictures.look('a', 'kafka', async () => 'there')
  await expect(pictures.look('a', 'kafka', () => Promise.reject(new NotFoundError('gone')))).rejects.toThrow('gone')
})

it('asks once for callers that come together, and anew after a change', async () => {
  const pictures = new Pictures({ watch: watch(), freshMs: 60_000 })
  let asked = 0
  const read = async () => ++asked
  await Promise.all([pictures.look('a', 'kafka', read), pictures.look('a', 'kafka', read)])
  await pictures.look('a', 'kafka', read)
  expect(asked).toBe(1)
  pictures.changed()
  expect(dataOf(await pictures.look('a', 'kafka', read)).data).toBe(2)
})

it('gives nobody after a change what was being read before it', async () => {
  const pictures = new Pictures({ watch: watch(), freshMs: 60_000 })
  let finish = (_: string) => {}
  const before = pictures.look('a', 'kafka', () => new Promise<string>(resolve => (finish = resolve)))
  pictures.changed()
  expect(dataOf(await pictures.look('a', 'kafka', async () => 'after')).data).toBe('after')
  finish('before')
  await before
  expect(dataOf(await pictures.look('a', 'kafka', async () => 'asked')).data).toBe('after')
})

it('forgets the oldest pictures beyond its room', async () => {
  const service = watch()
  const pictures = new Pictures({ watch: service, maxChars: 1_000, freshMs: 0 })
  for (let i = 0; i < 20; i++) await pictures.look(`${i}`, 'kafka', async () => 'x'.repeat(80))
  await pictures.look('large', 'kafka', async () => 'x'.repeat(500))
  service.state.isAway = true
  const has = async (key: string) =>
    pictures
      .look(key, 'kafka', async () => 0)
      .then(
        () => true,
        () => false,
      )
  expect([await has('0'), await has('19'), await has('large')]).toEqual([false, true, false])
})
