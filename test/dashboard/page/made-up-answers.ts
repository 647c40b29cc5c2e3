const answer = <T>(data: T) => ({ data, ageMs: 0, outages: [] })

/** What the API says of a cluster that isn't there; undefined for what nobody has made up. */
export function answerTo(path: string, query: URLSearchParams): unknown {
  if (path === '/api/settings')
    return {
      ...{
        version: '0.1.0',
        writes: false,
        brokers: ['127.0.0.1:9092'],
        registry: 'http://127.0.0.1:8081',
        outages: [],
      },
      ...{ startedAgoMs: 120_000, services: [], frames: [] },
    }
  if (path === '/api/cluster')
    return answer({
      brokers: [1, 2, 3].map(id => ({
        ...{ id, host: `kafka-${id}`, port: 9092, controller: id === 1, leads: 120, replicas: 360, outOfSync: 0 },
        bytes: 41_000_000_000,
      })),
      ...{ id: 'made-up', topics: 214, partitions: 1290, underReplicated: 0, leaderless: 0, groups: 41 },
    })
  if (path === '/api/groups' && query.get('warned') === 'true')
    return answer({
      rows: [
        {
          ...{
            group: 'audit-archive',
            state: 'Empty',
            members: 0,
            topics: 2,
            lag: 1_203_322,
            lagTrend: 812,
            weir: false,
          },
          warnings: [{ code: 'nobody-reads', what: 'nobody reads with it, and its lag grows' }],
          sampledAgoMs: 800,
        },
      ],
      ...{ matching: 1, total: 41 },
    })
  if (path === '/api/dead-letters')
    return answer({
      groups: [
        {
          ...{
            id: 'a1',
            topic: 'sensor_data-dead-letters',
            application: 'cold-chain',
            origin: 'sensor_data',
            step: 'map-9',
          },
          ...{ errorClass: 'TypeError', errorMessage: "Cannot read properties of undefined (reading 'start')" },
          ...{ errorAt: 'topology/cold.ts:41:12', letters: 3, redriven: 1, firstMs: Date.now() - 90_000 },
          lastMs: Date.now() - 9000,
        },
      ],
      ...{ topics: ['sensor_data-dead-letters'], looked: 3, all: true },
    })
  return undefined
}
