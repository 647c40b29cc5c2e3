import { MemoryEnd } from '../../../src/connectors/memory/memory-end'
import { createMemorySink } from '../../../src/connectors/memory/memory-sink'
import { memory } from '../../../src/connectors/memory/memory-target'
import { sinkContract } from '../../../src/testing/sink-contract'

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
