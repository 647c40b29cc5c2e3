import { type Rollup, reading, rollup } from '../schemas/types'
import { avro, count, max, mean, min, mqtt, postgres, sum, text, topology, tumbling } from '../src/index'

const windows = [
  { name: '10s', sizeMs: 10_000, historyMs: 120_000 },
  { name: '1m', sizeMs: 60_000, historyMs: 3_600_000 },
]

/** Readings of a fleet of sensors: every one to MQTT and Postgres, and rollups by sensor and window to Kafka, MQTT and Postgres. */
export default topology('sensors', streams => {
  const readings = streams.stream('sensor_data', {
    key: text,
    value: avro(reading, { json: true }),
    timestamp: ({ timestamp }) => timestamp / 1000,
    idleMs: 5000,
  })

  readings.to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
  readings.to(postgres({ table: 'sensor_data', schema: reading, mode: 'append', partition: { by: 'timestamp' } }))

  // A producer that sends no key, or another one, is welcome: its readings go to their sensor's partition first.
  const bySensor = readings
    .selectKey(({ sensor_id }) => String(sensor_id))
    .repartition({ name: 'by-sensor', only: 'misplaced', key: text, value: avro(reading) })

  for (const { name, sizeMs, historyMs } of windows) {
    const rollups = bySensor
      .groupByKey()
      .windowedBy(tumbling({ sizeMs, graceMs: 5000 }), { emit: 'onWindowClose' })
      .aggregate({
        name: `rollup-${name}`,
        historyMs,
        of: {
          count: count(),
          sum: sum('temperature'),
          min: min('temperature'),
          max: max('temperature'),
          mean: mean('temperature'),
        },
      })
      .toStream()
      .map((figures, { key, window }): readonly [string, Rollup] => [
        key,
        { sensor_id: Number(key), window_start: window.start * 1000, window_end: window.end * 1000, ...figures },
      ])

    const topic = `sensor_data_${name}`
    rollups.to(topic, { key: text, value: avro(rollup) })
    rollups.to(mqtt({ topic: `sensors/{sensor_id}/${name}`, schema: rollup, retain: true }))
    rollups.to(postgres({ table: topic, schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] }))
  }

  streams.queries({
    key: 'sensor',
    stores: { '10s': 'rollup-10s', '1m': 'rollup-1m' },
    mqtt: 'sensors/{sensor}/get',
  })
})
