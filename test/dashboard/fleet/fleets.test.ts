import { Fleets } from '../../../src/dashboard/server/fleet/fleets'
import { UnavailableError } from '../../../src/errors'
import type { Cluster } from '../../../src/ops/cluster'

/** Followers of it try again and again, and read nothing. */
const away = new Proxy({} as Cluster, {
  get: () => () => Promise.reject(new UnavailableError('Kafka: connect ECONNREFUSED')),
})

test('eight fleets are followed at once, whoever asks; one that nobody looks at makes room', async () => {
  const fleets = new Fleets({ cluster: away, registry: { byId: () => Promise.reject(new Error('none')) } })
  const used = Array.from({ length: 8 }, (_, i) => fleets.use(`topic ${i}`, ''))
  expect(() => fleets.use('one more', '')).toThrow('8 fleets are looked at already.')
  expect(fleets.use('topic 3', '').fleet).toBe(used[3]?.fleet)
  used[0]?.release()
  expect(fleets.use('one more', '').fleet.options.topic).toBe('one more')
  expect(() => fleets.use('topic 0', '')).toThrow('8 fleets')
  await fleets.close()
})
