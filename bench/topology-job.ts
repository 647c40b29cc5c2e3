import { reading } from '../schemas/types'
import type { AvroSchema } from '../src/index'
import { avro, count, max, mean, min, mqtt, postgres, text, topology, tumbling } from '../src/index'

interface Rollup {
  readonly sensor_id: number
  readonly window_start: number
  readonly window_end: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
}

const micros = { type: 'long', logicalType: 'timestamp-micros' }

const rollup: AvroSchema<Rollup> = {
  name: 'benchRollup',
  json: {
    type: 'record',
    name: 'BenchRollup',
    fields: [
      { name: 'sensor_id', type: 'int' },
      { name: 'window_start', type: micros },
      { name: 'window_end', type: micros },
      { name: 'count', type: 'long' },
      { name: 'min', type: 'double' },
      { name: 'max', type: 'double' },
      { name: 'mean', type: 'double' },
    ],
  },
}

const { BENCH_APPLICATION = 'bench-job', BENCH_TOPIC = 'sensor_data' } = process.env

/** The job of the peers and of the limit loop: every reading to MQTT and Postgres, windows of 10 s to both once they close. */
export default topology(BENCH_APPLICATION, streams => {
  const readings = streams.stream(BENCH_TOPIC, {
    key: text,
    value: avro(reading),
    timestamp: ({ timestamp }) => timestamp / 1000,
  })
  readings.to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
  readings.to(postgres({ table: 'bench_readings', schema: reading, mode: 'append' }))

  const rollups = readings
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10_000, graceMs: 2000 }), { emit: 'onWindowClose' })
    .aggregate({
      name: 'windows',
      of: { count: count(), min: min('temperature'), max: max('temperature'), mean: mean('temperature') },
    })
    .toStream()
    .map((figures, { key, window }): readonly [string, Rollup] => [
      key,
      { sensor_id: Number(key), window_start: window.start * 1000, window_end: window.end * 1000, ...figures },
    ])
  rollups.to(mqtt({ topic: 'sensors/{sensor_id}/10s', schema: rollup }))
  rollups.to(postgres({ table: 'bench_rollups', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] }))
})
