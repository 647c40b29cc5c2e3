import { reading } from '../../schemas/types'
import { avro, json, text, topology } from '../../src'
import type { SchemaRegistry } from '../../src/codecs/codec'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { DamagedRange } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { Input } from '../../src/engine/task/input'
import { decode, encodeBatch, record } from '../connectors/kafka/record-batches'

/** An input over fetched batches, and what it hands over: records by their value, damage by its offsets. */
async function inputOf() {
  const built = topology('damaged', s => {
    s.stream('t', { key: text, value: json<string>() }).to('out', { key: text, value: json<string>() })
  })
  const [source] = planOf(built).subTopologies.flatMap(part => part.sources)
  const codecs = source && (await bindCodecs(built, {} as SchemaRegistry)).get(source.id)
  if (source === undefined || codecs === undefined) throw new Error('the topology has a source')
  const seen: string[] = []
  const input = new Input(source, 't', 3, codecs, 1e15, 0, {
    bad: (at, { batch, index, error }) => {
      const value = batch.buffer.subarray(batch.valueStart[index], batch.valueEnd[index])
      seen.push(`${batch.offsets[index]} bad from ${at.position}, ${value.length} bytes: ${(error as Error).message}`)
    },
    times: () => {},
  })
  const run = () => {
    for (; input.ready(); input.advance()) seen.push(`${input.position} ${input.head?.value}`)
    return seen
  }
  return { input, run, seen }
}

const values = (...all: string[]) => all.map(each => record(JSON.stringify(each)))

/** A record batch whose checksum does not fit. */
function broken(offset: number, count: number): Buffer {
  const bytes = encodeBatch(values(...Array<string>(count).fill('lost')), offset)
  bytes.writeUInt32BE(0, 17)
  return bytes
}

test('what can not be read between records is a bad record in its place, and the position passes it', async () => {
  const { input, run } = await inputOf()
  const set = [broken(0, 2), encodeBatch(values('a', 'b'), 2), broken(4, 1), encodeBatch(values('c'), 5), broken(6, 3)]
  input.feed(decode(Buffer.concat(set), { checkCrc: true }))
  const why = "can't read a record batch whose checksum does not fit"
  expect(run()).toEqual([
    `0 bad from 0, ${broken(0, 2).length} bytes: offsets 0 to 1: ${why}`,
    '2 a',
    '3 b',
    `4 bad from 4, ${broken(4, 1).length} bytes: offset 4: ${why}`,
    '5 c',
    `6 bad from 6, ${broken(6, 3).length} bytes: offsets 6 to 8: ${why}`,
  ])
  expect(input.position).toBe(9)
})

test('a record before damage is done before the damage is: a commit between them loses neither', async () => {
  const { input, seen } = await inputOf()
  input.feed(decode(Buffer.concat([encodeBatch(values('a')), broken(1, 1)]), { checkCrc: true }))
  input.ready()
  input.advance()
  expect([input.position, seen]).toEqual([1, []])
  expect(input.ready()).toBe(false)
  expect(input.position).toBe(2)
  expect(seen).toHaveLength(1)
})

test('damage alone moves the position, and what comes next is read', async () => {
  const { input, run } = await inputOf()
  input.feed(decode(broken(0, 2), { checkCrc: true }))
  input.feed(decode(encodeBatch(values('a'), 2), { fetchOffset: 2 }))
  expect(run().slice(1)).toEqual(['2 a'])
  expect(input.position).toBe(3)
})

test('a range keeps what its batch says of it', () => {
  const [range] = decode(broken(0, 2), { checkCrc: true }).damaged ?? []
  expect(range).toMatchObject<Partial<DamagedRange>>({
    topic: 't',
    partition: 3,
    firstOffset: 0,
    lastOffset: 1,
    before: 0,
  })
})

test('a key whose writer schema is not known yet is waited for, as a value is', async () => {
  const registry = new MemoryRegistry()
  const written = await avro(reading).bind({ topic: 't', part: 'key', registry })
  const key = { sensor_id: 7, temperature: 20, timestamp: 1 }
  const built = topology('keyed', s => {
    s.stream('t', { key: avro(reading), value: json<string>() }).forEach(() => {})
  })
  const [source] = planOf(built).subTopologies.flatMap(part => part.sources)
  const codecs = (await bindCodecs(built, registry)).get(source!.id)!
  const bad: unknown[] = []
  const on = { bad: (_: Input, { error }: { error: unknown }) => bad.push(error), times: () => {} }
  const input = new Input(source!, 't', 0, codecs, 1e15, 0, on)
  input.feed(decode(encodeBatch([{ ...record('"a"'), key: written.encode(key) }], 0), {}))
  expect(input.ready()).toBe(false)
  await input.missingSchema!.load()
  expect(input.ready()).toBe(true)
  expect(input.head).toMatchObject({ key, value: 'a' })
  expect(bad).toEqual([])
})

test('the time of the last record is known when its batch is done and gone', async () => {
  const { input, run } = await inputOf()
  const at = (timestamp: number) => ({ ...record('"a"'), timestamp })
  expect(input.lastRecordMs).toBeUndefined()
  input.feed(decode(encodeBatch([at(1_000), at(2_000)])))
  run()
  expect(input.lastRecordMs).toBe(2_000)
  // As it is looked for again and again.
  run()
  expect(input.lastRecordMs).toBe(2_000)
  input.feed(decode(encodeBatch([at(3_000)], 2)))
  expect(input.lastRecordMs).toBe(2_000)
  run()
  expect(input.lastRecordMs).toBe(3_000)
})
