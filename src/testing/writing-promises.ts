import { SinkError } from '../errors'
import { at, numbers, sinkTask, sorted, write } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'

/** Repeats `work` while it fails for a lost connection, as the engine does. */
async function untilKept(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof SinkError)) throw error
    }
  }
}

/** Waits for all of them, and throws what the first one that failed has thrown. */
async function allKept(writing: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(writing)
  await Promise.all(writing)
}

/** What every sink promises of chunks and commits. */
export const writingPromises: SinkPromiseTests = {
  'stores what was written before a commit': async ({ create, end }) => {
    const sink = create()
    expect(await sink.open([sinkTask(0), sinkTask(1)])).toEqual([0, 0])
    await write(sink, end, 0, 1, 10)
    await write(sink, end, 1, 11, 20)
    await write(sink, end, 0, 21, 30)
    await sink.commit([at(0, 31), at(1, 21)])
    const stored = await end.stored(30)
    expect(sorted(stored)).toEqual(numbers(1, 30))
    expect(stored.filter(n => n <= 10 || n > 20)).toEqual([...numbers(1, 10), ...numbers(21, 30)])
  },

  'takes chunks while a commit is under way, for the next one': async ({ create, end, transactional }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 1, 5)
    const first = sink.commit([at(0, 6)])
    await write(sink, end, 0, 6, 9)
    await first
    if (transactional) expect(await end.stored(5)).toEqual(numbers(1, 5))
    await sink.commit([at(0, 10)])
    expect(await end.stored(9)).toEqual(numbers(1, 9))
  },

  'keeps the order of chunks that wait for room, for a commit or for one another': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    // More than any window of unacknowledged messages, then little: what is small must not pass what is large.
    const sizes = [3000, 10, 2500, 1, 1, 1500, 20]
    let n = 0
    const writing: Promise<void>[] = []
    for (const size of sizes) {
      writing.push(write(sink, end, 0, n + 1, n + size))
      n += size
      const commit = sink.commit([at(0, n + 1)])
      writing.push(write(sink, end, 0, n + 1, n + 5))
      n += 5
      await commit
    }
    await Promise.all(writing)
    await sink.commit([at(0, n + 1)])
    expect(await end.stored(n)).toEqual(numbers(1, n))
  },

  'keeps the order when what was lost on its way is written again': async ({ create, end, transactional }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    const breaking = [() => write(sink, end, 7, 1, 1).catch(() => undefined), ...(end.lose ? [end.lose] : [])]
    let [n, arrived] = [0, 0]
    for (const lose of breaking) {
      const [first, last] = [n + 1, n + 5000]
      // More than any window of unacknowledged messages, and what waits behind it.
      const writeAll = () => [write(sink, end, 0, first, last - 10), write(sink, end, 0, last - 9, last)]
      const lost = Promise.allSettled([...writeAll(), sink.commit([at(0, last + 1)])])
      if (!transactional) await end.stored(arrived + 1)
      await lose()
      await lost
      // All may have been committed before the connection was lost, and the loss be noticed only by what is written next.
      await untilKept(async () => {
        await sink.abort()
        const [next = 0] = await sink.open([sinkTask(0)])
        if (next <= last) await allKept(writeAll())
        await sink.commit([at(0, last + 1)])
      })
      n = last + 1
      await write(sink, end, 0, n, n)
      await sink.commit([at(0, n + 1)])
      let stored = await end.stored(arrived + 1)
      while (stored.at(-1) !== n) stored = await end.stored(stored.length + 1)
      expect(stored.slice(first - n - 1)).toEqual(numbers(first, n))
      // What had arrived before comes again, in order from the beginning.
      const before = stored.slice(arrived, first - n - 1)
      expect(before).toEqual(transactional ? [] : numbers(first, first + before.length - 1))
      arrived = stored.length
    }
  },

  'stores many large chunks, each once': async ({ create, end }) => {
    const sink = create()
    const partitions = numbers(0, 3)
    await sink.open(partitions.map(partition => sinkTask(partition)))
    const each = 2500
    for (let round = 0; round < 8; round++) {
      const from = (partition: number) => (round * 4 + partition) * each + 1
      await Promise.all(partitions.map(p => write(sink, end, p, from(p), from(p) + each - 1)))
      if (round % 3 === 2) await sink.commit(partitions.map(p => at(p, from(p) + each)))
    }
    await sink.commit(partitions.map(p => at(p, 32 * each + 1)))
    expect(sorted(await end.stored(32 * each))).toEqual(numbers(1, 32 * each))
  },

  'a commit of nothing resolves': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await sink.commit([])
    await sink.commit([at(0, 7)])
    expect(await end.stored(0)).toEqual([])
  },
}
