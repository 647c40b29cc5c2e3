import type { SourceSpec } from '../../../src/dsl/graph'
import { type Input, takeOldestMs } from '../../../src/engine/task/input'
import { timeHeader } from '../../../src/engine/task/time-report'
import { DecodeError } from '../../../src/errors'
import { batchOf, damage, inputOf, type Written } from './given-inputs'

/** The values of the records that follow, each with the position behind it. */
function rest(input: Input): (readonly [unknown, number])[] {
  const seen: (readonly [unknown, number])[] = []
  while (input.ready()) {
    const value = input.head?.value
    input.advance()
    seen.push([value, input.position])
  }
  return seen
}

test('the position is behind each record that was processed, and at the end of the batch behind the last', () => {
  const { input } = inputOf({ position: 4 })
  expect(input.look()).toBe('nothing')
  input.feed(batchOf([{ offset: 5 }, { offset: 8 }, { offset: 9 }], { nextOffset: 12 }))
  expect([input.look(), input.position]).toEqual(['record', 4])
  expect([input.look(), input.head?.value]).toEqual(['record', 'v5'])
  expect(rest(input)).toEqual([
    ['v5', 6],
    ['v8', 9],
    ['v9', 12],
  ])
  expect([input.head, input.look()]).toEqual([undefined, 'nothing'])
})

test('a batch without records moves the position, and is no record', () => {
  const { input } = inputOf()
  input.feed(batchOf([], { nextOffset: 7 }))
  input.feed(batchOf([{ offset: 9 }]))
  expect([input.queued, input.position]).toEqual([2, 0])
  expect([input.look(), input.position, input.queued]).toEqual(['record', 7, 0])
  input.reset(0)
  input.feed(batchOf([], { nextOffset: 7 }))
  expect([input.look(), input.position]).toEqual(['nothing', 7])
})

test('damage is passed range by range: the position is behind each, and at the end of the batch behind the last', () => {
  const { input, bad } = inputOf()
  const damaged = [damage(0, 1, 0), damage(3, 4, 1), damage(6, 7, 1), damage(10, 10, 2), damage(11, 12, 2)]
  input.feed(batchOf([{ offset: 2 }, { offset: 8 }], { damaged, nextOffset: 20 }))
  const steps: unknown[] = []
  for (let found = input.look(); found !== 'nothing'; found = input.look()) {
    steps.push([found, input.head?.value, input.position])
    if (found === 'record') input.advance()
  }
  expect(steps).toEqual([
    ['passed', undefined, 2],
    ['record', 'v2', 2],
    ['passed', undefined, 5],
    ['passed', undefined, 8],
    ['record', 'v8', 8],
    ['passed', undefined, 11],
    ['passed', undefined, 20],
  ])
  expect(bad.map(({ offset, text }) => [offset, text])).toEqual([0, 3, 6, 10, 11].map(offset => [offset, '??']))
})

test('a batch of damage alone leaves the position where it is until the damage was told', () => {
  const { input, bad } = inputOf()
  input.feed(batchOf([], { damaged: [damage(0, 4, 0)], nextOffset: 5 }))
  let position: number | undefined
  const told = bad.push.bind(bad)
  bad.push = (...items) => {
    position = input.position
    return told(...items)
  }
  expect([input.look(), position, input.position, bad.length]).toEqual(['passed', 0, 5, 1])
  expect(input.look()).toBe('nothing')
})

test.each([
  ['key', '#7', 'a'],
  ['value', 'a', '#7'],
])(
  'a head whose %s has a schema that is missing is waited for, and decoded when it is there',
  async (_, key, value) => {
    const { input, bad } = inputOf()
    input.feed(batchOf([{ offset: 0, key, value }]))
    expect([input.look(), input.look(), input.missingSchema?.id]).toEqual(['nothing', 'nothing', 7])
    expect([input.head, input.position, bad]).toEqual([undefined, 0, []])
    await input.missingSchema!.load()
    expect([input.missingSchema, input.look(), input.head]).toStrictEqual([
      undefined,
      'record',
      { key, value, timestamp: 1_000 },
    ])
  },
)

test('what can not be decoded is told as it lies in the log, and passed', () => {
  const { input, bad } = inputOf()
  input.feed(batchOf([{ offset: 0 }, { offset: 1, value: '!' }, { offset: 2, key: '!' }, { offset: 3 }]))
  expect(rest(input)).toEqual([
    ['v0', 1],
    ['v3', 4],
  ])
  expect(bad.map(({ offset, text, error }) => [offset, text, error.message])).toEqual([
    [1, '!', 'not a text'],
    [2, 'v2', 'not a text'],
  ])
})

test('the key of a record that was refused is what its codec reads, if it can', () => {
  const { input } = inputOf()
  const read = batchOf([{ offset: 0, key: 'k' }, { offset: 1, key: '!' }, { offset: 2 }])
  expect([0, 1, 2].map(index => input.keyOf(read, index))).toEqual(['k', undefined, null])
})

describe('the time of a record', () => {
  const timeOf = (timestamp: NonNullable<SourceSpec['timestamp']>, written: Partial<Written> = {}) => {
    const { input, bad } = inputOf({ spec: { timestamp } })
    input.feed(batchOf([{ offset: 0, key: 'k', value: 'v', timestamp: 1_000, ...written }]))
    input.ready()
    return input.head?.timestamp ?? bad[0]?.error
  }

  it("is Kafka's where the source doesn't say how to take it", () => {
    const { input } = inputOf()
    input.feed(batchOf([{ offset: 0, key: 'k', value: 'v', timestamp: 7 }]))
    input.ready()
    expect(input.head).toStrictEqual({ key: 'k', value: 'v', timestamp: 7 })
  })

  it("is taken from value, key and Kafka's timestamp, in whole ms", () => {
    const given: unknown[] = []
    const take = (...all: unknown[]) => given.push(...all) + 0.9
    expect([timeOf(take), given]).toEqual([3, ['v', 'k', 1_000]])
  })

  it('may be 0, and nothing that is no time', () => {
    expect(timeOf(() => 0)).toBe(0)
    for (const none of [-1, Number.NaN]) expect(timeOf(() => none)).toBeInstanceOf(DecodeError)
  })

  it("may be as far ahead of Kafka's as the configuration says", () => {
    expect(timeOf((_, __, logged) => logged + 50)).toBe(1_050)
    expect(timeOf((_, __, logged) => logged + 51)).toMatchObject({ message: expect.stringContaining('51 ms ahead') })
  })

  it('can fail to be taken: the record is bad, and null values are explained', () => {
    const cause = new Error('no such field')
    const take = () => {
      throw cause
    }
    expect(timeOf(take)).toMatchObject({ cause, message: expect.stringContaining('no such field') })
    expect(timeOf(take, { value: null })).toMatchObject({ cause, message: expect.stringContaining('null values') })
  })
})

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
    expect(takeOldestMs([first, second, idle])).toBeUndefined()
    first.feed(batchOf([{ offset: 7 }]))
    second.feed(batchOf([{ offset: 3 }]))
    idle.feed(batchOf([{ offset: 1 }]))
    for (const input of [first, second]) rest(input)
    expect(takeOldestMs([first, second, idle])).toBe(1_003)
    expect(takeOldestMs([first, second, idle])).toBeUndefined()
  })
})

describe('an input that is set to another position', () => {
  it('has nothing of what it had, and goes on from there', () => {
    const { input, bad } = inputOf()
    input.feed(batchOf([{ offset: 0 }, { offset: 1 }], { damaged: [damage(2, 2, 2)] }))
    input.feed(batchOf([{ offset: 3 }]))
    input.noteCaughtUp(true)
    expect(input.isCaughtUp).toBe(true)
    input.ready()
    input.advance()
    input.ready()
    input.reset(10)
    expect(input).toMatchObject({ head: undefined, position: 10, queued: 0, isCaughtUp: false })
    expect([input.nextRecordMs, input.takeOldestMs(), input.look(), bad]).toEqual([undefined, undefined, 'nothing', []])
    input.feed(batchOf([{ offset: 10 }]))
    expect(rest(input)).toEqual([['v10', 11]])
    expect(input.takeOldestMs()).toBe(1_010)
  })

  it('meets no damage of the batch before', () => {
    const { input, bad } = inputOf()
    input.feed(batchOf([{ offset: 0 }], { damaged: [damage(1, 2, 1), damage(3, 4, 1)], nextOffset: 5 }))
    input.ready()
    input.advance()
    input.look()
    input.reset(0)
    expect([input.look(), bad.length]).toEqual(['nothing', 1])
    input.feed(batchOf([{ offset: 0 }, { offset: 1 }]))
    expect(rest(input)).toHaveLength(2)
    expect(bad).toHaveLength(1)
  })

  it('waits for no schema of a record that is gone', () => {
    const { input } = inputOf()
    input.feed(batchOf([{ offset: 0, value: '#7' }]))
    expect(input.look()).toBe('nothing')
    input.reset(0)
    expect(input.missingSchema).toBeUndefined()
    input.feed(batchOf([{ offset: 0 }]))
    expect(input.look()).toBe('record')
  })
})
