import { FencedError, SinkError } from '../errors'
import { at, numbers, sinkTask, sorted, write } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'

/** What every sink promises of its tasks, its errors and its end. */
export const owningPromises: SinkPromiseTests = {
  'goes on with the other tasks when one is released': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0), sinkTask(1)])
    await write(sink, end, 0, 1, 1)
    await sink.commit([at(0, 2)])
    await sink.release(['0_0'])
    await write(sink, end, 1, 2, 2)
    await sink.commit([at(1, 3)])
    expect(sorted(await end.stored(2))).toEqual([1, 2])
    await expect(write(sink, end, 0, 3, 3)).rejects.toThrow(SinkError)
  },

  'stays broken after an error until it is opened again': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await expect(write(sink, end, 7, 1, 1)).rejects.toThrow(SinkError)
    await expect(write(sink, end, 0, 1, 1)).rejects.toThrow(SinkError)
    await expect(sink.commit([at(0, 2)])).rejects.toThrow(SinkError)
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 1, 1)
    await sink.commit([at(0, 2)])
    expect(await end.stored(1)).toEqual([1])
  },

  'closes twice': async ({ create }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await sink.close()
    await sink.close()
  },
}

/** What a sink promises whose end can tell who writes. */
export const fencingPromises: SinkPromiseTests = {
  'fences the former owner of a task, and only that': async ({ create, end, transactional }) => {
    const former = create()
    await former.open([sinkTask(0)])
    await write(former, end, 0, 1, 3)
    await former.commit([at(0, 4)])
    const owner = create()
    const [next] = await owner.open([sinkTask(0), sinkTask(1)])
    expect(next).toBe(transactional ? 4 : 0)
    const late = async () => {
      await write(former, end, 0, 100, 101)
      await former.commit([at(0, 102)])
    }
    await expect(late()).rejects.toThrow(FencedError)
    await expect(former.commit([at(0, 102)])).rejects.toThrow(FencedError)
    await write(owner, end, 0, 4, 5)
    await owner.commit([at(0, 6), at(1, 1)])
    expect(await end.stored(5)).toEqual(numbers(1, 5))
  },
}
