import type { Encoder, End, Sink } from '../connectors/sink'
import { FencedError, type Position, ProcessError, SinkError } from '../errors'
import { at, numbers, type SinkHarness, sinkTask, sorted, topic, write } from './sink-harness'
import { transactionalContract } from './transactional-contract'

export interface SinkPromises {
  /** What the target's end guarantees. `exactly_once`: rows and positions are one transaction; else the end is written to at once. */
  readonly guarantee: End['guarantee']
  /** False where the end can't tell who writes, so that only Kafka fences a former owner. */
  readonly fences?: boolean
}

/**
 * The suite that every sink passes, whoever wrote it; what its end guarantees is held to it. Call it in a test file of jest.
 *
 * @example
 * sinkContract('files', { guarantee: 'exactly_once' }, () => ({ target: files({ folder }), create, record, bad, stored, clear }))
 */
export function sinkContract(
  name: string,
  { guarantee, fences = true }: SinkPromises,
  prepare: () => SinkHarness | Promise<SinkHarness>,
): void {
  describe(`${name}: contract of a sink`, () => {
    const transactional = guarantee === 'exactly_once'
    let harness: SinkHarness
    let sinks: Sink[] = []
    const create = () => {
      const sink = harness.create()
      sinks.push(sink)
      return sink
    }
    beforeAll(async () => {
      harness = await prepare()
      expect(harness.target.end.guarantee).toBe(guarantee)
    })
    beforeEach(() => harness.clear())
    afterEach(async () => {
      await Promise.all(sinks.map(sink => sink.close()))
      sinks = []
    })

    it('stores what was written before a commit', async () => {
      const sink = create()
      expect(await sink.open([sinkTask(0), sinkTask(1)])).toEqual([0, 0])
      await write(sink, harness, 0, 1, 10)
      await write(sink, harness, 1, 11, 20)
      await write(sink, harness, 0, 21, 30)
      await sink.commit([at(0, 31), at(1, 21)])
      const stored = await harness.stored(30)
      expect(sorted(stored)).toEqual(numbers(1, 30))
      expect(stored.filter(n => n <= 10 || n > 20)).toEqual([...numbers(1, 10), ...numbers(21, 30)])
    })

    it('takes chunks while a commit is under way, for the next one', async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      await write(sink, harness, 0, 1, 5)
      const first = sink.commit([at(0, 6)])
      await write(sink, harness, 0, 6, 9)
      await first
      if (transactional) expect(await harness.stored(5)).toEqual(numbers(1, 5))
      await sink.commit([at(0, 10)])
      expect(await harness.stored(9)).toEqual(numbers(1, 9))
    })

    it('keeps the order of chunks that wait for room, for a commit or for one another', async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      // More than any window of unacknowledged messages, then little: what is small must not pass what is large.
      const sizes = [3000, 10, 2500, 1, 1, 1500, 20]
      let n = 0
      const writing: Promise<void>[] = []
      for (const size of sizes) {
        writing.push(write(sink, harness, 0, n + 1, n + size))
        n += size
        const commit = sink.commit([at(0, n + 1)])
        writing.push(write(sink, harness, 0, n + 1, n + 5))
        n += 5
        await commit
      }
      await Promise.all(writing)
      await sink.commit([at(0, n + 1)])
      expect(await harness.stored(n)).toEqual(numbers(1, n))
    })

    it('stores many large chunks, each once', async () => {
      const sink = create()
      const partitions = numbers(0, 3)
      await sink.open(partitions.map(partition => sinkTask(partition)))
      const each = 2500
      for (let round = 0; round < 8; round++) {
        const from = (partition: number) => (round * 4 + partition) * each + 1
        await Promise.all(partitions.map(p => write(sink, harness, p, from(p), from(p) + each - 1)))
        if (round % 3 === 2) await sink.commit(partitions.map(p => at(p, from(p) + each)))
      }
      await sink.commit(partitions.map(p => at(p, 32 * each + 1)))
      expect(sorted(await harness.stored(32 * each))).toEqual(numbers(1, 32 * each))
    })

    it('a commit of nothing resolves', async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      await sink.commit([])
      await sink.commit([at(0, 7)])
      expect(await harness.stored(0)).toEqual([])
    })

    const itFences = fences ? it : () => undefined
    itFences('fences the former owner of a task, and only that', async () => {
      const former = create()
      await former.open([sinkTask(0)])
      await write(former, harness, 0, 1, 3)
      await former.commit([at(0, 4)])
      const owner = create()
      const [next] = await owner.open([sinkTask(0), sinkTask(1)])
      expect(next).toBe(transactional ? 4 : 0)
      const late = async () => {
        await write(former, harness, 0, 100, 101)
        await former.commit([at(0, 102)])
      }
      await expect(late()).rejects.toThrow(FencedError)
      await expect(former.commit([at(0, 102)])).rejects.toThrow(FencedError)
      await write(owner, harness, 0, 4, 5)
      await owner.commit([at(0, 6), at(1, 1)])
      expect(await harness.stored(5)).toEqual(numbers(1, 5))
    })

    it('goes on with the other tasks when one is released', async () => {
      const sink = create()
      await sink.open([sinkTask(0), sinkTask(1)])
      await write(sink, harness, 0, 1, 1)
      await sink.commit([at(0, 2)])
      await sink.release(['0_0'])
      await write(sink, harness, 1, 2, 2)
      await sink.commit([at(1, 3)])
      expect(sorted(await harness.stored(2))).toEqual([1, 2])
      await expect(write(sink, harness, 0, 3, 3)).rejects.toThrow(SinkError)
    })

    it('stays broken after an error until it is opened again', async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      await expect(write(sink, harness, 7, 1, 1)).rejects.toThrow(SinkError)
      await expect(write(sink, harness, 0, 1, 1)).rejects.toThrow(SinkError)
      await expect(sink.commit([at(0, 2)])).rejects.toThrow(SinkError)
      await sink.open([sinkTask(0)])
      await write(sink, harness, 0, 1, 1)
      await sink.commit([at(0, 2)])
      expect(await harness.stored(1)).toEqual([1])
    })

    it("refuses a bad record alone, and takes back a mark's", async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      const encoder: Encoder = harness.target.encoder()
      const origin: Position = { topic, partition: 0, offset: 1 }
      expect(encoder.take()).toBeUndefined()
      encoder.encode(harness.record(1), origin)
      expect(() => encoder.encode(harness.bad, { ...origin, offset: 2 })).toThrow(ProcessError)
      const mark = encoder.mark()
      const { bytes } = encoder
      encoder.encode(harness.record(3), { ...origin, offset: 3 })
      expect(encoder.bytes).toBeGreaterThan(bytes)
      encoder.reset(mark)
      expect(encoder.bytes).toBe(bytes)
      encoder.encode(harness.record(4), { ...origin, offset: 4 })
      const chunk = encoder.take()!
      expect(chunk.count).toBe(2)
      await sink.write('0_0', harness.target, chunk)
      await sink.commit([at(0, 5)])
      expect(await harness.stored(2)).toEqual([1, 4])
    })

    it('closes twice', async () => {
      const sink = create()
      await sink.open([sinkTask(0)])
      await sink.close()
      await sink.close()
    })

    if (transactional) transactionalContract(() => harness, create)
  })
}
