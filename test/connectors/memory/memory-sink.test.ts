import { MemoryEnd } from '../../../src/connectors/memory/memory-end'
import { createMemorySink } from '../../../src/connectors/memory/memory-sink'
import { memory } from '../../../src/connectors/memory/memory-target'
import { SinkError, UnavailableError } from '../../../src/errors'
import { sinkTask } from '../../../src/testing/sink-harness'

const target = memory<string, number>({
  name: 'rows',
  refuse: ({ value }) => (value < 0 ? `${value} is negative` : undefined),
})
const record = (n: number) => ({ key: 'k', value: n, timestamp: 0 })

describe('a memory sink', () => {
  const chunkOf = (n: number) => {
    const encoder = target.encoder()
    encoder.encode(record(n), { topic: 'contract', partition: 0, offset: n })
    return encoder.take()!
  }
  const position = { topic: 'contract', partition: 0, next: 2 }

  it.each([
    ['before', 0],
    ['after', 2],
  ] as const)('can fail a commit %s it was stored', async (when, next) => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    end.failNextCommit = when
    await expect(sink.commit([position])).rejects.toThrow(SinkError)
    expect(await sink.open([sinkTask(0)])).toEqual([next])
    expect(end.rows).toHaveLength(next / 2)
    await sink.commit([position])
  })

  it('is unavailable while its end is down', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    end.down = true
    await expect(sink.write('0_0', target, chunkOf(1))).rejects.toThrow(SinkError)
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(UnavailableError)
    end.down = false
    expect(await sink.open([sinkTask(0)])).toEqual([0])
  })

  it('asks for retained values at every open', async () => {
    const retained = memory({ name: 'last', retains: ({ key }) => String(key) })
    const sink = createMemorySink([retained], new MemoryEnd())
    const asked: string[] = []
    sink.onForgotten = task => asked.push(task)
    await sink.open([sinkTask(0), sinkTask(1)])
    expect(asked).toEqual(['0_0', '0_1'])
  })

  const more = { topic: 'contract', partition: 1, next: 2 }

  it('forgets what it gathered, and who has what, once it is closed', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    await sink.close()
    await sink.open([sinkTask(0)])
    await sink.commit([position])
    expect(end.rows).toEqual([])
    await sink.close()
    await expect(sink.write('0_0', target, chunkOf(1))).rejects.toMatchObject({ task: '0_0' })
  })

  it.each(['write', 'commit'] as const)('stores nothing where its end refuses a row at the %s', async at => {
    const end = new MemoryEnd()
    end.refuses = ({ record: { value } }) => (value === 2 ? { reason: 'not 2', at, saysWhich: false } : undefined)
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    const written = sink.write('0_0', target, chunkOf(2)).then(() => sink.commit([position]))
    await expect(written).rejects.toMatchObject({ name: 'ContentError', message: 'memory end: not 2' })
    expect(end.rows).toEqual([])
  })

  it('takes nothing of a task that it has released, and all of the others', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0), sinkTask(1)])
    await sink.release(['0_1'])
    await sink.write('0_0', target, chunkOf(1))
    await sink.commit([position])
    expect(end.rows).toHaveLength(1)
    await expect(sink.write('0_1', target, chunkOf(1))).rejects.toMatchObject({ task: '0_1' })
  })

  it('delivers at once as soon as one of its targets is written at least once', async () => {
    const once = memory<string, number>({ name: 'other', guarantee: 'at_least_once' })
    const end = new MemoryEnd()
    const sink = createMemorySink([target, once], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    expect(end.rowsOf('rows')).toHaveLength(1)
  })

  it('opened again after a failure has nothing of what was written before it', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    await expect(sink.write('0_7', target, chunkOf(1))).rejects.toThrow(SinkError)
    await sink.open([sinkTask(0)])
    await sink.commit([position])
    expect(end.rows).toEqual([])
  })

  it('that is opened for more tasks keeps what the others have written', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    await sink.open([sinkTask(1)])
    await sink.commit([position, more])
    expect(end.rows).toHaveLength(1)
    expect([...end.positions.values()].map(({ next }) => next)).toEqual([2, 2])
  })

  it('takes the ids of topics as they become known', async () => {
    const end = new MemoryEnd()
    const open = (topicId: string, offset: number) =>
      createMemorySink([target], end).open([sinkTask(0, { topicId, offset })])
    expect(await open('', 5)).toEqual([5])
    // Whose position it was isn't known: it is believed to be of this topic.
    expect(await open('first', 3)).toEqual([5])
    expect(await open('', 4)).toEqual([5])
    expect(await open('second', 1)).toEqual([1])
    expect(end.positions.get('contract[0]')).toEqual({ topicId: 'second', next: 1, epoch: 4 })
  })

  it('takes a position that is as far as the topic, or as the commit, and none beyond', async () => {
    const end = new MemoryEnd()
    const open = (offset: number, endOffset: number) =>
      createMemorySink([target], end).open([sinkTask(0, { offset, endOffset })])
    await open(5, 9)
    expect(await open(5, 5)).toEqual([5])
    await expect(open(6, 9)).rejects.toMatchObject({ name: 'SinkError', fatal: true, task: '0_0' })
    await expect(open(0, 4)).rejects.toMatchObject({ fatal: true })
  })

  it('that fails at its commit tells the first failure until it is opened', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    end.failNextCommit = 'before'
    await expect(sink.commit([position])).rejects.toThrow('the commit failed')
    await expect(sink.write('0_0', target, chunkOf(1))).rejects.toThrow('the commit failed')
    end.down = true
    await expect(sink.commit([position])).rejects.toThrow('the commit failed')
  })

  it('whose end goes down while it commits has committed nothing', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunkOf(1))
    const commit = sink.commit([position])
    end.down = true
    await expect(commit).rejects.toThrow('it is down')
    expect(end.rows).toEqual([])
  })

  it('names the task whose position a commit lacks', async () => {
    const sink = createMemorySink([target], new MemoryEnd())
    await sink.open([sinkTask(0), sinkTask(1)])
    await sink.write('0_0', target, chunkOf(1))
    await expect(sink.commit([more])).rejects.toThrow('without a position of task 0_0')
  })

  it('keeps positions that are ahead of a commit', async () => {
    const end = new MemoryEnd()
    const sink = createMemorySink([target], end)
    await sink.open([sinkTask(0)])
    await sink.commit([{ ...position, next: 9 }])
    await sink.commit([position])
    expect(end.positions.get('contract[0]')?.next).toBe(9)
  })

  it('asks for retained values where one target of several retains, and for none where none does', async () => {
    const retained = memory({ name: 'last', retains: ({ key }) => String(key) })
    const asked: string[] = []
    for (const targets of [[target, retained], [target]]) {
      const sink = createMemorySink(targets, new MemoryEnd())
      sink.onForgotten = task => asked.push(task)
      await sink.open([sinkTask(0)])
    }
    expect(asked).toEqual(['0_0'])
  })

  it('delivers at once what is written at least once, but what is refused, which the next commit tells', async () => {
    const once = memory<string, number>({ name: 'rows', guarantee: 'at_least_once' })
    const end = new MemoryEnd()
    end.refuses = ({ record: { value } }) =>
      value === 1 || value === 2 ? { reason: `not ${value}`, at: 'commit', saysWhich: true } : undefined
    const sink = createMemorySink([once], end)
    expect(await sink.open([sinkTask(0, { offset: 9 })])).toEqual([0])
    for (const n of [1, 2, 3]) await sink.write('0_0', once, chunkOf(n))
    expect(end.rows.map(({ record: { value } }) => value)).toEqual([3])
    const position1 = { topic: 'contract', partition: 0, offset: 1 }
    await expect(sink.commit([position])).rejects.toMatchObject({ name: 'ContentError', position: position1 })
    await sink.open([sinkTask(0)])
    await sink.write('0_0', once, chunkOf(1))
    await sink.abort()
    await sink.commit([position])
  })
})
