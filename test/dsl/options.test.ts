import { reading } from '../../schemas/types'
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
  stddev,
  sum,
  TopologyError,
  text,
  topology,
  tumbling,
  untilTimeLimit,
} from '../../src'

// What is written in JavaScript, or run without its types: no compiler has seen it.
const loose = { avro, hopping, json, keyValueStore, mqtt, postgres, session, sliding, tumbling, untilTimeLimit } as any
const serdes = { key: text, value: json<any>() }
const typed = { key: text, value: avro(reading) }
const keep = (value: unknown) => value
const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }
const tenMs = tumbling({ sizeMs: 10, graceMs: 0 })

function refusal(build: (streams: any) => unknown): string {
  try {
    topology('loose', streams => void build(streams))
  } catch (error) {
    expect(error).toBeInstanceOf(TopologyError)
    return (error as Error).message
  }
  return 'accepted'
}

const table = { table: 'rides', schema: reading, mode: 'append' }

test.each<[string, () => unknown]>([
  [
    "Postgres target postgres:rides: mode has to be 'append' or 'upsert', and is 'upsrt'",
    () => loose.postgres({ ...table, mode: 'upsrt' }),
  ],
  [
    "Postgres target postgres:rides: mode is missing, and has to be 'append' or 'upsert'",
    () => loose.postgres({ ...table, mode: undefined }),
  ],
  [
    'Postgres target: there is no option tabel; did you mean table?',
    () => loose.postgres({ tabel: 'rides', schema: reading, mode: 'append' }),
  ],
  [
    'Postgres target postgres:rides: there is no option colums; did you mean columns?',
    () => loose.postgres({ ...table, colums: { lat: 'place.lat' } }),
  ],
  [
    "Postgres target postgres:rides: key has to be a list of columns, as ['id'], and is 'sensor_id'",
    () => loose.postgres({ ...table, mode: 'upsert', key: 'sensor_id' }),
  ],
  ['Postgres target postgres:rides: schema is missing, ', () => loose.postgres({ ...table, schema: undefined })],
  ['Postgres target postgres:rides: this is what a schema', () => loose.postgres({ ...table, schema: reading.json })],
  [
    'Postgres target postgres:rides: partition: there is no option retention; did you mean retentionDays?',
    () => loose.postgres({ ...table, partition: { by: 'timestamp', retention: 3 } }),
  ],
  [
    "Postgres target postgres:rides: column lat has to be a path, as 'pickup.city', ",
    () => loose.postgres({ ...table, columns: { lat: true } }),
  ],
  [
    'Postgres target postgres:rides: column home: there is no option type; ',
    () => loose.postgres({ ...table, columns: { home: { composite: 'place', type: 'x' } } }),
  ],
  ['Postgres target: options are an object, as { name, table, schema }, and not undefined', () => loose.postgres()],
  ['MQTT target mqtt:a: qos has to be 0 or 1, and is 5', () => loose.mqtt({ topic: 'a', schema: reading, qos: 5 })],
  [
    'MQTT target mqtt:a: there is no option retian; did you mean retain?',
    () => loose.mqtt({ topic: 'a', schema: reading, retian: true }),
  ],
  ['MQTT target: there is no option topc; did you mean topic?', () => loose.mqtt({ topc: 'a', schema: reading })],
  [
    "MQTT target mqtt:a: retain has to be true or false, and is 'yes'",
    () => loose.mqtt({ topic: 'a', schema: reading, retain: 'yes' }),
  ],
  ['MQTT target mqtt:a: this is what a schema', () => loose.mqtt({ topic: 'a', schema: reading.json })],
  ['MQTT target: options are an object', () => loose.mqtt()],
  [
    "avro: this is what a schema's file holds, and a schema has a name beside it: { name: 'reading', json: ... }",
    () => loose.avro(reading.json),
  ],
  ['avro: the schema is missing', () => loose.avro()],
  ['avro reading: there is no option jsn; did you mean json?', () => loose.avro(reading, { jsn: true })],
  ["avro reading: long has to be 'number' or 'bigint', and is 'bigInt'", () => loose.avro(reading, { long: 'bigInt' })],
  ["json: this is what a schema's file holds, ", () => loose.json({ type: 'object', properties: {} })],
  ['json: there is no option registri; did you mean registry?', () => loose.json(undefined, { registri: true })],
  ['tumbling: there is no option size; did you mean sizeMs?', () => loose.tumbling({ size: 5, graceMs: 0 })],
  ['tumbling: options are an object', () => loose.tumbling()],
  ['hopping: advanceMs is missing, ', () => loose.hopping({ sizeMs: 5, graceMs: 0 })],
  ['sliding: there is no option sizeMs; ', () => loose.sliding({ sizeMs: 5, graceMs: 0 })],
  ['session: gapMs has to be a whole number of ms above 0, and is 0', () => loose.session({ gapMs: 0, graceMs: 0 })],
  ['untilTimeLimit: there is no option maxRecord; did you mean', () => loose.untilTimeLimit(5, { maxRecord: 5 })],
  ["untilTimeLimit: whenFull has to be 'emit' or 'shutDown'", () => loose.untilTimeLimit(5, { whenFull: 'stop' })],
  ['keyValueStore: there is no option nam; did you mean name?', () => loose.keyValueStore({ nam: 'a' })],
  ['keyValueStore: options are an object', () => loose.keyValueStore()],
])('%s', (message, make) => expect(refusal(make)).toContain(message))

test.each<[string, (streams: any) => unknown]>([
  ['topic in: there is no option idelMs; did you mean idleMs?', s => s.stream('in', { ...serdes, idelMs: 5 })],
  ['topic in: there is no option vaule; did you mean value?', s => s.stream('in', { key: text, vaule: json() })],
  ["stream: the topic's name comes first, a text, and is object", s => s.stream(serdes)],
  ['topic in: there is no option materialised; did you mean', s => s.table('in', { ...serdes, materialised: 'x' })],
  ["topic in: restoreFrom has to be 'changelog' or 'source", s => s.table('in', { ...serdes, restoreFrom: 'topic' })],
  [
    'topic in: versioned: there is no option retentionMs; did you mean historyRetentionMs?',
    s => s.table('in', { ...serdes, versioned: { retentionMs: 5 } }),
  ],
  ['topic in: there is no option idleMs; ', s => s.globalTable('in', { ...serdes, idleMs: 5 })],
  ["to('out'): there is no option vlaue; did you mean", s => s.stream('in', serdes).to('out', { key: text, vlaue: 1 })],
  ["to('out'): say how key and value are", s => s.stream('in', serdes).to('out', { key: text, value: json })],
  ["to: the topic's name comes first", s => s.stream('in', serdes).to(undefined, serdes)],
  ['to: give it a topic, or an end', s => s.stream('in', serdes).to({ table: 'x' })],
  [
    'to mqtt:a: there is no option key; ',
    s => s.stream('in', serdes).to(mqtt({ topic: 'a', schema: reading }), serdes),
  ],
  ['filter x: there is no option names; ', s => s.stream('in', serdes).filter(keep, { name: 'x', names: 'y' })],
  ["mapValues: options are an object, as { name }, and not 'up'", s => s.stream('in', serdes).mapValues(keep, 'up')],
  ['split: there is no option defualt; did you', s => s.stream('in', serdes).split({ a: keep }, { defualt: 'b' })],
  ['split: give it the branches by name', s => s.stream('in', serdes).split()],
  ['groupBy by: there is no option val; ', s => s.stream('in', serdes).groupBy(keep, { name: 'by', val: json() })],
  ['groupByKey: value has to be text, json()', s => s.stream('in', serdes).groupByKey({ value: 'json' })],
  [
    'repartition r: there is no option partition; did',
    s => s.stream('in', serdes).repartition({ name: 'r', partition: 3 }),
  ],
  ['toTable t: there is no option valu; did', s => s.stream('in', serdes).toTable({ name: 't', valu: json() })],
  ['process: there is no option suplier; did you', s => s.stream('in', serdes).process({ suplier: keep })],
  ['processValues: options are an object', s => s.stream('in', serdes).processValues()],
  [
    'count c: there is no option locaton; did',
    s => s.stream('in', serdes).groupByKey().count({ name: 'c', locaton: 'disk' }),
  ],
  ['reduce: there is no option reduser; did', s => s.stream('in', serdes).groupByKey().reduce({ reduser: keep })],
  [
    'aggregate a: there is no option ad; did you',
    s => s.stream('in', serdes).groupByKey().aggregate({ name: 'a', ad: keep }),
  ],
  [
    'aggregate a: there is no option historyMs; ',
    s => s.stream('in', serdes).groupByKey().aggregate({ name: 'a', historyMs: 5 }),
  ],
  [
    'aggregate a: of has to be an object, and is ',
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .aggregate({ name: 'a', of: [count()] }),
  ],
  [
    'windowedBy: there is no option emits; did',
    s => s.stream('in', serdes).groupByKey().windowedBy(tenMs, { emits: 'onUpdate' }),
  ],
  [
    'count c: there is no option retainMs; ',
    s => s.stream('in', serdes).groupByKey().windowedBy(tenMs).count({ name: 'c', retainMs: 5 }),
  ],
  [
    'aggregate c: there is no option inital; did you mean initial?',
    s => s.stream('in', serdes).groupByKey().cogroup(keep).aggregate({ name: 'c', inital: keep }),
  ],
  [
    'aggregate c: there is no option inital; did you mean initial?',
    s => s.stream('in', serdes).groupByKey().cogroup(keep).windowedBy(tenMs).aggregate({ name: 'c', inital: keep }),
  ],
  [
    'join j: there is no option window; did you mean windows?',
    s => s.stream('a', serdes).join(s.stream('b', serdes), { name: 'j', window: windows }),
  ],
  [
    'j: windows: there is no option before; did you mean beforeMs?',
    s =>
      s
        .stream('a', serdes)
        .join(s.stream('b', serdes), { name: 'j', joiner: keep, windows: { ...windows, before: 1 } }),
  ],
  [
    'join j: there is no option windows; there are name, joiner and graceMs',
    s => s.stream('a', serdes).join(s.table('b', serdes), { name: 'j', joiner: keep, windows }),
  ],
  [
    'join: there is no option keymapper; did you mean keyMapper?',
    s => s.stream('a', serdes).join(s.globalTable('b', serdes), { joiner: keep, keymapper: keep }),
  ],
  [
    'join j: there is no option foreignkey; did you mean foreignKey?',
    s => s.table('a', serdes).join(s.table('b', serdes), { name: 'j', joiner: keep, foreignkey: keep }),
  ],
  [
    'join j: there is no option foreignKey; ',
    s => s.table('a', serdes).outerJoin(s.table('b', serdes), { name: 'j', joiner: keep, foreignKey: keep }),
  ],
  ['filterNot: there is no option store; ', s => s.table('a', serdes).filterNot(keep, { store: 'x' })],
  ['toStream: there is no option keys; did you mean', s => s.table('a', serdes).toStream({ keys: keep })],
  [
    'suppress s: there is no option limit; ',
    s => s.table('a', serdes).suppress(untilTimeLimit(5), { name: 's', limit: 5 }),
  ],
  ['groupBy: there is no option vale; did you', s => s.table('a', serdes).groupBy(keep, { vale: json() })],
  ['count c: there is no option loc; ', s => s.table('a', serdes).groupBy(keep).count({ name: 'c', loc: 'disk' })],
  ['reduce r: there is no option ader; did', s => s.table('a', serdes).groupBy(keep).reduce({ name: 'r', ader: keep })],
  [
    'aggregate r: there is no option substract; did',
    s => s.table('a', serdes).groupBy(keep).aggregate({ name: 'r', substract: keep }),
  ],
  ['queries: there is no option store; did you mean stores?', s => s.queries({ key: 'a', store: {} })],
  ['queries: options are an object', s => s.queries()],
])('%s', (message, build) => expect(refusal(build)).toContain(message))

test.each([sum, min, max, mean, stddev])('a figure of a field that the schema lacks (%p)', figure => {
  const build = (name: string) => (s: any) =>
    s
      .stream('in', typed)
      .groupByKey()
      .aggregate({ name: 'a', of: { it: figure(name as never) } })
  expect(refusal(build('temprature'))).toBe(
    'figure "it": avro reading has no field temprature; did you mean temperature?',
  )
  expect(refusal(build('temperature'))).toBe('accepted')
  const windowed = (s: any) =>
    s
      .stream('in', typed)
      .selectKey(keep)
      .groupByKey()
      .windowedBy(tenMs)
      .aggregate({ name: 'a', of: { it: figure('nn' as never) } })
  expect(refusal(windowed)).toContain('figure "it": avro reading has no field nn; there are ')
})

test('a figure of values that no schema is known of is taken as it is', () => {
  const of = { it: sum('nn' as never) }
  expect(refusal(s => s.stream('in', serdes).groupByKey().aggregate({ name: 'a', of }))).toBe('accepted')
  const mapped = (s: any) => s.stream('in', typed).mapValues(keep).groupByKey().aggregate({ name: 'a', of })
  expect(refusal(mapped)).toBe('accepted')
})

test('a topology without name or steps', () => {
  expect(() => topology(undefined as never, () => {})).toThrow(/^topology name "undefined"/)
  expect(() => topology('empty', undefined as never)).toThrow(/^topology "empty": give it the function/)
})
