import type { Encoder, End, Sink, SinkTask, Target } from '../connectors/sink'
import { FencedError, type Position, ProcessError, SinkError } from '../errors'
import type { StreamRecord } from '../record'

/** What the contract needs to know of a kind of sink. */
export interface SinkHarness {
  readonly target: Target
  /** A new worker's sink to the same end. */
  create(): Sink
  /** The record that is known by `n`. */
  record(n: number): StreamRecord
  /** A record that the end would refuse. */
  readonly bad: StreamRecord
  /** The numbers of all records that others see now, in the order of each partition; waits until there are `count`. */
  stored(count: number): Promise<number[]>
  /** Empties the end. */
  clear(): Promise<void>
}

export interface SinkPromises {
  /** What the target's end guarantees. `exactly_once`: rows and positions are one transaction; else the end is written to at once. */
  readonly guarantee: End['guarantee']
  /** False where the end can't tell who writes, so that only Kafka fences a former owner. */
  readonly fences?: boolean
}

const topic = 'contract'

export const sinkTask = (partition: number, more: Partial<SinkTask> = {}): SinkTask => ({
  task: `0_${partition}`,
  topic,
  topicId: 'contract-id',
  partition,
  offset: 0,
  endOffset: 1_000_000,
  ...more,
})

/** Writes records `first` … `last` of a partition, whose offsets are their numbers. */
async function write(sink: Sink, harness: SinkHarness, partition: number, first: number, last: number): Promise<void> {
  const encoder: Encoder = harness.target.encoder()
  for (let n = first; n <= last; n++) encoder.encode(harness.record(n), { topic, partition, offset: n })
  await sink.write(`0_${partition}`, harness.target, encoder.take()!)
}

const at = (partition: number, next: number) => ({ topic, partition, next })
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b)

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

/** What holds for ends that keep rows and positions in one transaction. */
function transactionalContract(harness: () => SinkHarness, create: () => Sink): void {
  const promise = (title: string, test: (harness: SinkHarness) => Promise<void>) => it(title, () => test(harness()))

  promise('shows nothing before the commit, and nothing of what was aborted', async end => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 1, 5000)
    expect(await end.stored(0)).toEqual([])
    await sink.abort()
    // While it is only beginning, too.
    await write(sink, end, 0, 1, 5000)
    await sink.abort()
    await write(sink, end, 0, 1, 3)
    await sink.commit([at(0, 4)])
    expect(await end.stored(3)).toEqual([1, 2, 3])
  })

  promise('a new partition starts at the committed offset', async () => {
    const sink = create()
    expect(await sink.open([sinkTask(0, { offset: 500 }), sinkTask(1)])).toEqual([500, 0])
    expect(await create().open([sinkTask(0, { offset: 500 })])).toEqual([500])
  })

  promise('tells where to go on, and a replay below it moves nothing back', async end => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 1, 9)
    await sink.commit([at(0, 10)])
    expect(await sink.open([sinkTask(0)])).toEqual([10])
    await sink.commit([at(0, 5)])
    await write(sink, end, 0, 10, 11)
    await sink.commit([at(0, 12)])
    expect(await create().open([sinkTask(0)])).toEqual([12])
    expect(await end.stored(11)).toEqual(numbers(1, 11))
  })

  promise('refuses a position that contradicts Kafka', async () => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await sink.commit([at(0, 10)])
    for (const contradiction of [{ offset: 11 }, { endOffset: 9 }]) {
      const opened = create().open([sinkTask(0, contradiction)])
      await expect(opened).rejects.toThrow(/weir topology reset/)
      await expect(opened).rejects.toMatchObject({ name: 'SinkError', fatal: true })
    }
  })

  promise('takes a topic that was deleted and made again for another: nothing of it is skipped', async end => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 1, 9)
    await sink.commit([at(0, 10)])
    // Shorter than the former one, which is no contradiction then.
    const again = { topicId: 'made-again', endOffset: 4 }
    expect(await create().open([sinkTask(0, again)])).toEqual([0])
    const owner = create()
    expect(await owner.open([sinkTask(0, again)])).toEqual([0])
    await write(owner, end, 0, 10, 12)
    await owner.commit([at(0, 3)])
    // Who doesn't know the id has to trust the position.
    expect(await create().open([sinkTask(0, { topicId: '' })])).toEqual([3])
    expect(await create().open([sinkTask(0, again)])).toEqual([3])
    expect(await end.stored(12)).toEqual(numbers(1, 12))
  })

  promise('refuses to commit rows without their position', async end => {
    const sink = create()
    await sink.open([sinkTask(0), sinkTask(1)])
    await write(sink, end, 0, 1, 1)
    await expect(sink.commit([at(1, 1)])).rejects.toMatchObject({ name: 'SinkError', fatal: true })
    expect(await end.stored(0)).toEqual([])
  })

  promise('several commits in one worker and a takeover of one of its tasks lose nothing', async end => {
    const first = create()
    await first.open([sinkTask(0), sinkTask(1)])
    await write(first, end, 0, 1, 2)
    await write(first, end, 1, 11, 12)
    await create().open([sinkTask(1)])
    await expect(first.commit([at(0, 3), at(1, 13)])).rejects.toThrow(FencedError)
    expect(await end.stored(0)).toEqual([])
    expect(await first.open([sinkTask(0)])).toEqual([0])
    await write(first, end, 0, 1, 2)
    await first.commit([at(0, 3)])
    expect(await end.stored(2)).toEqual([1, 2])
  })
}
