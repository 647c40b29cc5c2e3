import { reading } from '../../schemas/types'
import { avro, json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { GlobalState } from '../../src/engine/worker/global-state'
import type { KeyValueStore } from '../../src/state/key-value-store'
import { decode, encodeBatch, record } from '../connectors/kafka/record-batches'

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
