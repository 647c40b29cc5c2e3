import { patiently } from '../../src/engine/worker/patience'
import { UnavailableError } from '../../src/errors'
import { silentLog } from '../../src/log'
import { Outages } from '../../src/outages'

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
