/** Windows of a minute of a few sensors. */
function storeEntries(query: URLSearchParams) {
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  const rows = Array.from({ length: 60 }, (_, i) => ({
    ...{ partition: i % 6, key: `${i >> 1}`, timestampMs: minute - (i % 2) * 60_000 + 1000 },
    window: { startMs: minute - (i % 2) * 60_000, endMs: minute - (i % 2) * 60_000 + 60_000 },
    value: JSON.stringify({ count: 412 + i, sum: 9123.25 + i, min: 19.4, max: 24.1, mean: 22.14 }),
  })).filter(({ key }) => key.includes(query.get('search') ?? ''))
  return {
    ...{ topic: 'sensors-rollup-1m-changelog', rows: rows.slice(0, Number(query.get('limit') ?? 50)) },
    ...{ matching: rows.length, total: 60, isComplete: true },
  }
}

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
  if (path.includes('/stores/')) return answer(storeEntries(query))
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
