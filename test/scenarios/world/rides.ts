import { count, json, text, topology, tumbling } from '../../../src'

const idleMs = Number(process.env.RIDES_IDLE_MS ?? 0)
const name = process.env.RIDES_NAME ?? 'rides'

/** Rides by city, counted by window behind a repartition. */
export default topology(name, streams => {
  streams
    .stream(`${name}-in`, { key: text, value: json<{ city: string }>(), ...(idleMs > 0 && { idleMs }) })
    .groupBy(({ city }) => city, { name: 'by-city' })
    .windowedBy(tumbling({ sizeMs: 5_000, graceMs: 1_000 }), { emit: 'onWindowClose' })
    .aggregate({ name: 'counted', of: { count: count() } })
    .toStream()
    .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
    .to(`${name}-out`, { key: text, value: json<number>() })
})
