import { patiently } from '../../src/engine/worker/patience'
import { UnavailableError } from '../../src/errors'
import { silentLog } from '../../src/log'
import { Outages } from '../../src/outages'
import { GivenPauses } from '../testing/given-pauses'

afterEach(() => jest.restoreAllMocks())

const never = new AbortController().signal

test('a service that does not answer is away until it does', async () => {
  const outages = new Outages({ log: silentLog })
  const seen: boolean[] = []
  const attempt = async () => {
    seen.push(outages.away.length > 0)
    if (seen.length === 1) throw new UnavailableError('nobody there')
    return 7
  }
  expect(await patiently('Kafka', outages, never, attempt)).toBe(7)
  expect(seen).toEqual([false, true])
  expect(outages.away).toEqual([])
})

test('what no waiting can cure is thrown at once', async () => {
  const wrong = new RangeError('no such topic')
  const outages = new Outages({ log: silentLog })
  await expect(patiently('Kafka', outages, never, () => Promise.reject(wrong))).rejects.toBe(wrong)
  expect(outages.away).toEqual([])
})

test('who ends meanwhile waits no longer', async () => {
  const ended = new AbortController()
  const away = () => {
    setImmediate(() => ended.abort())
    return Promise.reject(new UnavailableError('nobody there'))
  }
  const waiting = patiently('Kafka', new Outages({ log: silentLog }), ended.signal, away)
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})

test('a service is asked again after pauses that double, up to 5 s', async () => {
  const pauses = new GivenPauses()
  let asked = 0
  const attempt = async () => {
    if (++asked < 9) throw new UnavailableError('nobody there')
    return asked
  }
  const answer = patiently('Kafka', new Outages({ log: silentLog }), never, attempt)
  await pauses.pass(9)
  expect(pauses.asked).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  expect(await answer).toBe(9)
})

test('who has ended before asks nobody', async () => {
  const attempt = jest.fn(async () => 7)
  const asked = patiently('Kafka', new Outages({ log: silentLog }), AbortSignal.abort(), attempt)
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  expect(attempt).not.toHaveBeenCalled()
})
