import type { SourceSpec } from '../../../src/dsl/graph'
import { takeOldestMs } from '../../../src/engine/task/input'
import { timeHeader } from '../../../src/engine/task/time-report'
import { batchOf, inputOf, rest } from './given-inputs'

describe("upstream's times", () => {
  const said = { [timeHeader]: Buffer.from('{"2":[5,null,{"in":7}]}') }
  const report = { time: 5, quiet: Number.POSITIVE_INFINITY, at: { in: 7 } }

  it('are told in their place in an internal topic, and are no record', () => {
    const { input, times } = inputOf({ spec: { internal: 'repartition' } })
    input.feed(batchOf([{ offset: 0 }, { offset: 1, value: null, headers: said }, { offset: 2 }]))
    expect([input.look(), times]).toEqual(['record', []])
    input.advance()
    expect([input.look(), input.position, times]).toEqual(['passed', 2, [['t', [[2, report]]]]])
    expect(rest(input)).toEqual([['v2', 3]])
  })

  it("are a header like any other in an author's topic, and where they can not be read", () => {
    for (const [spec, text] of [
      [{}, '{"2":[5,null,{"in":7}]}'],
      [{ internal: 'repartition' }, 'x'],
    ] as const) {
      const { input, times } = inputOf({ spec })
      const headers = { [timeHeader]: Buffer.from(text) }
      input.feed(batchOf([{ offset: 0, headers }]))
      expect([input.look(), input.head?.headers, times]).toEqual(['record', headers, []])
    }
  })

  it("leave an author's header of that name as it was written to an internal topic", () => {
    const escaped = { [`~${timeHeader}`]: Buffer.from('x') }
    const headersOf = (spec: Partial<SourceSpec>) => {
      const { input } = inputOf({ spec })
      input.feed(batchOf([{ offset: 0, headers: escaped }]))
      return input.ready() && { ...input.head?.headers }
    }
    expect(headersOf({ internal: 'foreignKey' })).toEqual({ [timeHeader]: Buffer.from('x') })
    expect(headersOf({})).toEqual(escaped)
  })
})

describe("Kafka's times", () => {
  it('of the next and the last record are known for as long as there is one', () => {
    const { input } = inputOf()
    const known: unknown[] = []
    const look = () => known.push([input.nextRecordMs, input.lastRecordMs])
    look()
    input.feed(batchOf([{ offset: 0 }, { offset: 1, value: '!' }]))
    input.feed(batchOf([{ offset: 2 }]))
    look()
    for (let found = input.look(); found !== 'nothing'; found = input.look()) {
      if (found === 'record') input.advance()
      look()
    }
    look()
    expect(known).toEqual([
      [undefined, undefined],
      [1_000, undefined],
      [1_001, 1_000],
      [1_002, 1_001],
      [undefined, 1_002],
      [undefined, 1_002],
    ])
  })

  it('of the oldest record that was processed are handed out once', () => {
    const { input } = inputOf()
    const take = (processed: number) => {
      for (let i = 0; i < processed; i++) {
        input.ready()
        input.advance()
      }
      return input.takeOldestMs()
    }
    expect(take(0)).toBeUndefined()
    input.feed(batchOf([{ offset: 0 }, { offset: 1 }, { offset: 2 }]))
    input.feed(batchOf([{ offset: 3 }, { offset: 4 }]))
    expect([0, 1, 0, 3, 1, 0].map(take)).toEqual([undefined, 1_000, undefined, 1_001, 1_004, undefined])
    input.feed(batchOf([{ offset: 5 }]))
    expect(take(1)).toBe(1_005)
  })

  it('of the oldest record of all inputs are those of what was processed', () => {
    const [first, second, idle] = [inputOf().input, inputOf().input, inputOf().input]
    expect(takeOldestMs([inputOf().input])).toBeUndefined()
    first.feed(batchOf([{ offset: 7 }]))
    second.feed(batchOf([{ offset: 3 }]))
    idle.feed(batchOf([{ offset: 1 }]))
    for (const input of [first, second]) rest(input)
    expect(takeOldestMs([first, second, idle])).toBe(1_003)
    expect(takeOldestMs([first, second, idle])).toBeUndefined()
  })
})
