import { avro, count, max, mean, min, mqtt, postgres, text, topology, tumbling } from 'weir-streams'
import { type Rollup, reading, rollup } from './schemas/types.js'

/** What each sensor measured in every ten seconds: to a Kafka topic, to MQTT (retained) and to a table in Postgres. */
export default topology('sensors', streams => {
  const rollups = streams
    .stream('readings', {
      key: text,
      value: avro(reading),
      timestamp: ({ measured_at }) => measured_at,
      // Windows close without a next reading, too, once a source has been silent for so long.
      idleMs: 2000,
    })
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10_000, graceMs: 1000 }), { emit: 'onWindowClose' })
    .aggregate({
      name: 'rollups',
      of: { count: count(), min: min('temperature'), max: max('temperature'), mean: mean('temperature') },
    })
    .toStream()
    .map((figures, { key, window }): readonly [string, Rollup] => [
      key,
      { sensor: key, window_start: window.start, window_end: window.end, ...figures },
    ])

  rollups.to('rollups', { key: text, value: avro(rollup) })
  rollups.to(mqtt({ topic: 'sensors/{sensor}', schema: rollup, retain: true }))
  rollups.to(postgres({ table: 'rollups', schema: rollup, mode: 'upsert', key: ['sensor', 'window_start'] }))
})
