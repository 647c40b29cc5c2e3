import { reading } from '../../schemas/types'
import { avro, json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { GlobalFollower } from '../../src/engine/worker/global-follower'
import { GlobalState } from '../../src/engine/worker/global-state'
import type { KeyValueStore } from '../../src/state/key-value-store'
import { decode, encodeBatch, record } from '../connectors/kafka/record-batches'
import { MemoryBroker } from '../connectors/memory-broker'

test('keys of Avro are read, whose writer schema is fetched first', async () => {
  const registry = new MemoryRegistry()
  const written = await avro(reading).bind({ topic: 't', part: 'key', registry })
  const key = { sensor_id: 7, temperature: 20, timestamp: 1 }
  const built = topology('keyed', s => {
    const rows = s.globalTable('t', { key: avro(reading), value: json<string>() })
    s.stream('in', { key: text, value: json<string>() })
      .join(rows, { keyMapper: () => key, joiner: (_, row) => row })
      .to('out', { key: text, value: json<string>() })
  })
  const bad: unknown[] = []
  const state = new GlobalState(built, await bindCodecs(built, registry), (...all) => bad.push(all))
  const batch = decode(encodeBatch([{ ...record('"a"'), key: written.encode(key) }], 0), {})
  await state.apply({ ...batch, topic: 't', headers: () => undefined })
  expect(bad).toEqual([])
  const [store] = [...state.stores.values()] as KeyValueStore[]
  expect(store!.get(key)).toMatchObject({ value: 'a' })
})

test('a record without a key is no row and no bad record', async () => {
  const built = topology('keyless', s => {
    const rows = s.globalTable('t', { key: text, value: json<string>() })
    s.stream('in', { key: text, value: json<string>() })
      .join(rows, { keyMapper: key => key, joiner: (_, row) => row })
      .to('out', { key: text, value: json<string>() })
  })
  const bad: unknown[] = []
  const state = new GlobalState(built, await bindCodecs(built, new MemoryRegistry()), (...all) => bad.push(all))
  const records = [
    { ...record('"none"'), key: null },
    { ...record('"a"'), key: Buffer.from('k') },
  ]
  const batch = decode(encodeBatch(records, 0), {})
  await state.apply({ ...batch, topic: 't', headers: () => undefined })
  const [store] = [...state.stores.values()] as KeyValueStore[]
  expect(bad).toEqual([])
  expect([...store!.all()].map(({ key }) => key)).toEqual(['k'])
})

test('a topic is read to its end before the first record, and followed from there; one that grows from its new partitions on', async () => {
  const serdes = { key: text, value: json<string>() }
  const built = topology('followed', s => {
    const rows = s.globalTable('t', serdes)
    s.stream('in', serdes)
      .join(rows, { keyMapper: key => key, joiner: (_, row) => row })
      .to('out', serdes)
  })
  const state = new GlobalState(built, await bindCodecs(built, new MemoryRegistry()), (...all) => fail(all))
  const broker = new MemoryBroker({ t: 1 })
  const put = (partition: number, key: string, value: string | null) =>
    broker.write({ topic: 't', partition }, {
      key: Buffer.from(key),
      value: value && Buffer.from(value),
      timestamp: 0,
    } as never)
  put(0, 'a', '1')
  put(0, 'b', '2')
  const follower = new GlobalFollower(state, broker, fail)
  await follower.start()
  const [store] = [...state.stores.values()] as KeyValueStore[]
  const read = () => ['a', 'b', 'c', 'd'].map(key => (store!.get(key) as { value: unknown } | undefined)?.value)
  expect(read()).toEqual([1, 2, undefined, undefined])
  put(0, 'c', '3')
  put(0, 'a', null)
  while (read()[2] === undefined || read()[0] !== undefined) await new Promise(setImmediate)
  await broker.ensureTopics([{ topic: 't', partitions: 2 } as never])
  put(1, 'd', '4')
  await follower.start()
  expect(read()).toEqual([undefined, 2, 3, 4])
  put(1, 'd', '5')
  while (read()[3] !== 5) await new Promise(setImmediate)
  await follower.close()
})

function fail(error: unknown): never {
  throw error
}
