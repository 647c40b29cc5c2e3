import { map as rxMap } from 'rxjs'
import { type Reading, reading } from '../../schemas/types'
import type { KeyValueStore, KStream, ProcessOptions, StreamsBuilder } from '../../src/index'
import {
  avro,
  count,
  hopping,
  json,
  keyValueStore,
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
  untilTimeLimit,
} from '../../src/index'

type Readings = KStream<string, Reading>
type Step = (readings: Readings, streams: StreamsBuilder) => unknown

export const topic = 'sensor_data'

/** A topology of one source and what `build` adds. */
export const over = (build: Step) =>
  topology('bench-micro', streams => {
    const options = { key: text, value: avro(reading), timestamp: ({ timestamp }: Reading) => timestamp / 1000 }
    build(streams.stream(topic, options), streams)
  })

const figures = () => ({
  count: count<Reading>(),
  sum: sum<Reading>('temperature'),
  min: min<Reading>('temperature'),
  max: max<Reading>('temperature'),
  mean: mean<Reading>('temperature'),
})
const serdes = { key: text, value: json<Reading>() }
const nearness = { windows: { beforeMs: 100, afterMs: 0, graceMs: 0 }, joiner: (left: unknown) => left }
const difference = {
  joiner: (left: Reading | null, right: Reading | null) => (left?.temperature ?? 0) - (right?.temperature ?? 0),
}
const table = (readings: Readings) => readings.toTable({ name: 'table', materialized: 'table' })

/** A processor that keeps the last reading of each key. */
const storing = (): ProcessOptions<string, Reading, string, Reading> => ({
  name: 'storing',
  stores: [keyValueStore({ name: 'last' })],
  supplier: () => {
    let store: KeyValueStore
    return {
      init: context => {
        store = context.store('last')
      },
      process: ({ key, value }) => store.put(key, value),
    }
  },
})

const [sizeMs, graceMs] = [10_000, 2000]
const onClose = { emit: 'onWindowClose' } as const

/** Steps behind a source that does nothing else: each rate holds fetching's rest (decoding Avro) and the step. */
export const steps: Readonly<Record<string, Step>> = {
  'source alone': readings => readings.forEach(() => {}),
  filter: readings => readings.filter(({ temperature }) => temperature > 20),
  map: readings => readings.map((value, key) => [key, value.temperature]),
  mapValues: readings => readings.mapValues(({ temperature }) => temperature),
  flatMapValues: readings => readings.flatMapValues(value => [value, value]),
  selectKey: readings => readings.selectKey(({ sensor_id }) => String(sensor_id)),
  flatMap: readings => readings.flatMap((value, key) => [[key, value] as const]),
  peek: readings => readings.peek(() => {}),
  'split in two': readings => readings.split({ warm: ({ temperature }) => temperature > 30 }, { default: 'cold' }),
  'merge of two': readings => readings.filter(() => true).merge(readings.filterNot(() => true)),
  'pipe (RxJS map)': readings => readings.pipe(rxMap(record => record)),
  process: readings => readings.process({ supplier: () => ({ process: () => {} }) }),
  'process with a store': readings => readings.process(storing()),
  processValues: readings => readings.processValues({ supplier: () => ({ process: () => {} }) }),
  repartition: readings => readings.repartition({ name: 'r', key: text, value: avro(reading) }),
  'repartition, none misplaced': readings => readings.repartition({ name: 'r', only: 'misplaced' }),
  'count by key': readings => readings.groupByKey().count({ name: 'count' }),
  'reduce by key': readings => readings.groupByKey().reduce({ name: 'reduced', reducer: (_, value) => value }),
  'aggregate by key': readings => readings.groupByKey().aggregate({ name: 'figures', of: figures() }),
  'table of the stream': readings => readings.toTable({ name: 'table', materialized: 'table' }),
  'join with a table': readings =>
    readings.join(readings.toTable({ name: 'table', materialized: 'table' }), {
      joiner: (left, right) => left.temperature - right.temperature,
    }),
  'left join with a table': readings =>
    readings.leftJoin(table(readings), { joiner: (left, right) => left.temperature - (right?.temperature ?? 0) }),
  'left join with a versioned table': (readings, streams) => {
    const past = streams.table('past', { ...serdes, versioned: { historyRetentionMs: 1000 } })
    return readings.leftJoin(past, { joiner: left => left })
  },
  'left join with a global table': (readings, streams) =>
    readings.leftJoin(streams.globalTable('everywhere', serdes), {
      keyMapper: (_, key) => key,
      joiner: left => left,
    }),
  'join of two streams, 100 ms': readings =>
    readings.join(
      readings.filter(() => true),
      { name: 'near', ...nearness },
    ),
  'outer join of two streams, 100 ms': readings =>
    readings.outerJoin(
      readings.filter(() => true),
      { name: 'near', ...nearness },
    ),
  'cogroup of two': readings =>
    readings
      .groupByKey()
      .cogroup((sum: number, { temperature }) => sum + temperature)
      .cogroup(readings.filter(() => true).groupByKey(), (sum, { temperature }) => sum + temperature)
      .aggregate({ name: 'together', initial: () => 0 }),
  'table filter': readings => table(readings).filter(({ temperature }) => temperature > 20),
  'table mapValues': readings => table(readings).mapValues(({ temperature }) => temperature),
  'table groupBy, to its topic': readings =>
    table(readings)
      .groupBy(({ temperature }) => [String(Math.trunc(temperature)), 1])
      .count({ name: 'groups' }),
  'table join': readings =>
    table(readings).join(readings.filter(() => true).toTable({ name: 'other', materialized: 'other' }), difference),
  'table outer join': readings =>
    table(readings).outerJoin(
      readings.filter(() => true).toTable({ name: 'other', materialized: 'other' }),
      difference,
    ),
  'foreign-key join, to its topic': readings =>
    table(readings).join(readings.filter(() => true).toTable({ name: 'other', materialized: 'other' }), {
      name: 'pointed',
      foreignKey: ({ sensor_id }) => String(sensor_id + 1),
      ...difference,
    }),
  'suppress, 1 s': readings => table(readings).suppress(untilTimeLimit(1000), { name: 'calm' }),
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
