import type { Output } from '../../../src/connectors/ledger'
import type { TopicPartition } from '../../../src/connectors/source'
import { misplacedKeys } from '../../../src/engine/grow/misplaced-keys'
import { moveStore } from '../../../src/engine/grow/move-store'
import { Outbound } from '../../../src/engine/grow/outbound'
import { recordOf } from '../../../src/engine/grow/record-of'
import { NOWHERE } from '../../../src/engine/grow/state-keys'
import { batchOf } from '../../../src/testing/memory-kafka'

const scene = () => {
  const sent: number[] = []
  const hold = {
    send: async (outputs: readonly Output[]) => void sent.push(outputs.flatMap(({ records }) => records).length),
    commit: async () => {},
    release: async () => {},
  }
  return { sent, out: new Outbound(hold) }
}

describe('what is sent', () => {
  const record = (bytes: number, key = 0) => ({ key: Buffer.alloc(key), value: Buffer.alloc(bytes), timestamp: 1 })
  const most = 4 * 1024 * 1024

  test('is gathered until it is 4 MiB, and then no longer', async () => {
    const { sent, out } = scene()
    out.add({ topic: 't', partition: 0 }, record(most / 2))
    await out.pace()
    expect(sent).toEqual([])
    out.add({ topic: 't', partition: 1 }, record(0, most / 2))
    await out.pace()
    expect(sent).toEqual([2])
    out.add({ topic: 't', partition: 0 }, record(1))
    await out.pace()
    await out.flush()
    await out.flush()
    expect(sent).toEqual([2, 1])
  })

  test('counts what has no key or no value too', async () => {
    const { sent, out } = scene()
    out.add({ topic: 't', partition: 0 }, { key: null, value: Buffer.alloc(most), timestamp: 1 })
    await out.pace()
    out.add({ topic: 't', partition: 0 }, { key: Buffer.alloc(most), value: null, timestamp: 1 })
    await out.pace()
    expect(sent).toEqual([1, 1])
  })

  test('counts each record with 64 bytes of its own, and waits while it is 4 MiB', async () => {
    const { sent, out } = scene()
    const [none, rest] = [{ key: null, value: null, timestamp: 1 }, Buffer.alloc(most - 4 * 64)]
    const at = { topic: 't', partition: 0 }
    for (let i = 0; i < 3; i++) out.add(at, none)
    out.add(at, { ...none, value: rest })
    await out.pace()
    expect(sent).toEqual([])
    out.add(at, none)
    await out.pace()
    // As much again, and one byte more.
    for (let i = 0; i < 3; i++) out.add(at, none)
    out.add(at, { ...none, key: Buffer.alloc(1), value: rest })
    await out.pace()
    expect(sent).toEqual([5, 4])
  })

  test('is counted anew once it was sent', async () => {
    const { sent, out } = scene()
    out.add({ topic: 't', partition: 0 }, record(most))
    await out.pace()
    out.add({ topic: 't', partition: 0 }, record((most / 8) * 7))
    await out.pace()
    expect(sent).toEqual([1])
  })

  test('of nothing is nothing', async () => {
    const { sent, out } = scene()
    out.add({ topic: 't', partition: 0 }, { key: null, value: null, timestamp: 1 })
    await out.pace()
    expect(sent).toEqual([])
  })
})

test('a store is moved with bounded memory, and read up to where it ended', async () => {
  const { sent, out } = scene()
  const reads: unknown[] = []
  const topic = 'changelog'
  const broker = {
    async *readPartition(at: TopicPartition, from?: number, to?: number) {
      reads.push([at.partition, from, to])
      for (let offset = 0; offset < 3; offset++)
        yield batchOf(at, [{ ...at, offset, key: Buffer.from('"k"'), value: Buffer.alloc(5 << 20), timestamp: 1 }])
    },
  }
  const move = { topic, from: 1, partitions: 2, ends: [3], formerHomeOf: () => 0, homeOf: () => 1 }
  expect(await misplacedKeys(move, broker)).toEqual(new Map())
  expect(await moveStore(move, new Map(), broker, out)).toBe(3)
  expect(sent).toEqual([2, 2, 2])
  expect(reads).toEqual([
    [0, 0, 3],
    [0, 0, 3],
  ])
})

test('an entry that belongs nowhere from now on stays where it is', async () => {
  const { sent, out } = scene()
  const broker = {
    async *readPartition(at: TopicPartition) {
      yield batchOf(at, [{ ...at, offset: 0, key: Buffer.from('"k"'), value: Buffer.alloc(9), timestamp: 1 }])
    },
  }
  const move = { topic: 'changelog', from: 1, partitions: 2, ends: [1], formerHomeOf: () => 0, homeOf: () => NOWHERE }
  expect(await moveStore(move, new Map(), broker, out)).toBe(0)
  await out.flush()
  expect(sent).toEqual([])
})

test('what is a task’s as a whole is misplaced nowhere', async () => {
  const broker = {
    async *readPartition(at: TopicPartition) {
      yield batchOf(at, [{ ...at, offset: 0, key: Buffer.from('[]'), value: Buffer.from('1'), timestamp: 1 }])
    },
  }
  const move = {
    topic: 'changelog',
    from: 2,
    partitions: 4,
    ends: [1, 1],
    formerHomeOf: () => undefined,
    homeOf: () => undefined,
  }
  expect(await misplacedKeys(move, broker)).toEqual(new Map())
})

test('a record that is sent on has bytes of its own, since those of its batch are soon others', () => {
  const at = { topic: 't', partition: 0 }
  const batch = batchOf(at, [
    { ...at, offset: 0, key: Buffer.from('key'), value: Buffer.from('value'), timestamp: 7 },
    { ...at, offset: 1, key: null, value: null, timestamp: 8 },
  ])
  const [first, second] = [recordOf(batch, 0), recordOf(batch, 1)]
  batch.buffer.fill(0)
  expect(first).toEqual({ key: Buffer.from('key'), value: Buffer.from('value'), timestamp: 7 })
  expect(second).toEqual({ key: null, value: null, timestamp: 8 })
})
