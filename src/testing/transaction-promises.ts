import { FencedError } from '../errors'
import { at, numbers, sinkTask, write } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'

/** What a sink promises whose end keeps rows and positions in one transaction. */
export const transactionPromises: SinkPromiseTests = {
  'shows nothing before the commit, and nothing of what was aborted': async ({ create, end }) => {
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
  },

  'a new partition starts at the committed offset': async ({ create }) => {
    const sink = create()
    expect(await sink.open([sinkTask(0, { offset: 500 }), sinkTask(1)])).toEqual([500, 0])
    expect(await create().open([sinkTask(0, { offset: 500 })])).toEqual([500])
  },

  'tells where to go on, and a replay below it moves nothing back': async ({ create, end }) => {
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
  },

  'refuses a position that contradicts Kafka': async ({ create }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await sink.commit([at(0, 10)])
    for (const contradiction of [{ offset: 11 }, { endOffset: 9 }]) {
      const opened = create().open([sinkTask(0, contradiction)])
      await expect(opened).rejects.toThrow(/weir topology reset/)
      await expect(opened).rejects.toMatchObject({ name: 'SinkError', fatal: true })
    }
  },

  'takes a topic that was deleted and made again for another: nothing of it is skipped': async ({ create, end }) => {
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
  },

  'refuses to commit rows without their position': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0), sinkTask(1)])
    await write(sink, end, 0, 1, 1)
    await expect(sink.commit([at(1, 1)])).rejects.toMatchObject({ name: 'SinkError', fatal: true })
    expect(await end.stored(0)).toEqual([])
  },

  'several commits in one worker and a takeover of one of its tasks lose nothing': async ({ create, end }) => {
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
  },
}
