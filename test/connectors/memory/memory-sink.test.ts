import { MemoryEnd } from '../../../src/connectors/memory/memory-end'
import { createMemorySink } from '../../../src/connectors/memory/memory-sink'
import { memory } from '../../../src/connectors/memory/memory-target'
import { SinkError, UnavailableError } from '../../../src/errors'
import { sinkContract } from '../../../src/testing/sink-contract'
import { sinkTask } from '../../../src/testing/sink-harness'

const target = memory<string, number>({
  name: 'rows',
  refuse: ({ value }) => (value < 0 ? `${value} is negative` : undefined),
})
const record = (n: number) => ({ key: 'k', value: n, timestamp: 0 })

describe.each([
  ['exactly_once', 'write', false],
  ['exactly_once', 'commit', true],
  ['at_least_once', 'write', true],
  ['at_least_once', 'commit', false],
] as const)('%s, refusals at the %s', (guarantee, when, saysWhich) => {
  sinkContract('memory', { guarantee, fences: guarantee === 'exactly_once', refuses: true }, () => {
    const target = memory<string, number>({
      ...{ name: 'rows', guarantee },
      refuse: ({ value }) => (value < 0 ? `${value} is negative` : undefined),
    })
    const hostile = () => {
      const end = new MemoryEnd()
      end.refuses = row => (row.record.value === 0.5 ? { reason: 'not that', at: when, saysWhich } : undefined)
      return end
    }
    let end = hostile()
    return {
      ...{ target, record, bad: record(-1) },
      refused: record(0.5),
      create: () => createMemorySink([target], end),
      stored: async () => end.rows.map(row => row.record.value as number),
      async clear() {
        end = hostile()
      },
    }
  })
})

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
})
