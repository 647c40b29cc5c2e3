import { map as rxMap } from 'rxjs'
import { type Reading, reading } from '../../schemas/types'
import type { KStream } from '../../src/index'
import {
  avro,
  count,
  hopping,
  json,
  max,
  mean,
  min,
  mqtt,
  postgres,
  session,
  sliding,
  sum,
  text,
  topology,
  tumbling,
} from '../../src/index'

type Readings = KStream<string, Reading>

export const topic = 'sensor_data'

/** A topology of one source and what `build` adds. */
export const over = (build: (readings: Readings) => unknown) =>
  topology('bench-micro', streams => {
    const options = { key: text, value: avro(reading), timestamp: ({ timestamp }: Reading) => timestamp / 1000 }
    build(streams.stream(topic, options))
  })

const figures = () => ({
  count: count<Reading>(),
  sum: sum<Reading>('temperature'),
  min: min<Reading>('temperature'),
  max: max<Reading>('temperature'),
  mean: mean<Reading>('temperature'),
})
const [sizeMs, graceMs] = [10_000, 2000]
const onClose = { emit: 'onWindowClose' } as const

/** Steps behind a source that does nothing else: each rate holds fetching's rest (decoding Avro) and the step. */
export const steps: Readonly<Record<string, (readings: Readings) => unknown>> = {
  'source alone': readings => readings.peek(() => {}),
  filter: readings => readings.filter(({ temperature }) => temperature > 20),
  map: readings => readings.map((value, key) => [key, value.temperature]),
  mapValues: readings => readings.mapValues(({ temperature }) => temperature),
  flatMapValues: readings => readings.flatMapValues(value => [value, value]),
  selectKey: readings => readings.selectKey(({ sensor_id }) => String(sensor_id)),
  'split in two': readings => readings.split({ warm: ({ temperature }) => temperature > 30 }, { default: 'cold' }),
  'merge of two': readings => readings.filter(() => true).merge(readings.filterNot(() => true)),
  'pipe (RxJS map)': readings => readings.pipe(rxMap(record => record)),
  process: readings => readings.process({ supplier: () => ({ process: () => {} }) }),
  'count by key': readings => readings.groupByKey().count({ name: 'count' }),
  'aggregate by key': readings => readings.groupByKey().aggregate({ name: 'figures', of: figures() }),
  'table of the stream': readings => readings.toTable({ name: 'table', materialized: 'table' }),
  'join with a table': readings =>
    readings.join(readings.toTable({ name: 'table', materialized: 'table' }), {
      joiner: (left, right) => left.temperature - right.temperature,
    }),
  'tumbling windows, on close': readings =>
    readings.groupByKey().windowedBy(tumbling({ sizeMs, graceMs }), onClose).aggregate({ name: 'w', of: figures() }),
  'tumbling windows, each update': readings =>
    readings.groupByKey().windowedBy(tumbling({ sizeMs, graceMs })).aggregate({ name: 'w', of: figures() }),
  'tumbling windows, suppressed': readings =>
    readings
      .groupByKey()
      .windowedBy(tumbling({ sizeMs, graceMs }))
      .aggregate({ name: 'w', of: figures() })
      .suppress({ until: 'windowCloses' }, { name: 'held' }),
  'hopping windows, 10 s every 5 s': readings =>
    readings
      .groupByKey()
      .windowedBy(hopping({ sizeMs, advanceMs: 5000, graceMs }), onClose)
      .aggregate({ name: 'w', of: figures() }),
  'sliding windows, 1 s': readings =>
    readings
      .groupByKey()
      .windowedBy(sliding({ timeDifferenceMs: 1000, graceMs }), onClose)
      .aggregate({ name: 'w', of: figures() }),
  'session windows, gap 1 s': readings =>
    readings
      .groupByKey()
      .windowedBy(session({ gapMs: 1000, graceMs }), onClose)
      .aggregate({ name: 'w', of: figures() }),
  'to a topic, Avro': readings => readings.to('out', { key: text, value: avro(reading) }),
  'to a topic, JSON': readings => readings.to('out', { key: text, value: json() }),
  'to MQTT': readings => readings.to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading })),
  'to Postgres, append': readings => readings.to(postgres({ table: 'sensor_data', schema: reading, mode: 'append' })),
  'to Postgres, upsert': readings =>
    readings.to(postgres({ table: 'latest', schema: reading, mode: 'upsert', key: ['sensor_id'] })),
}
