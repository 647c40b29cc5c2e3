import type { SourceSpec } from '../../../src/dsl/graph'
import { DecodeError } from '../../../src/errors'
import { batchOf, damage, inputOf, rest, type Written } from './given-inputs'

test('the position is behind each record that was processed, and at the end of the batch behind the last', () => {
  const { input } = inputOf({ position: 4 })
  expect([input.look(), input.isCaughtUp]).toEqual(['nothing', false])
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

test('damage of each batch is met, whatever was damaged in the one before', () => {
  const { input, bad } = inputOf()
  input.feed(batchOf([{ offset: 1 }], { damaged: [damage(0, 0, 0)] }))
  input.feed(batchOf([{ offset: 3 }], { damaged: [damage(2, 2, 0)] }))
  expect(rest(input)).toEqual([
    ['v1', 2],
    ['v3', 4],
  ])
  expect(bad.map(({ offset }) => offset)).toEqual([0, 2])
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

test('a schema that is missing is asked for once, and nothing is said of the record before it is there', async () => {
  const { input, bad } = inputOf()
  input.feed(batchOf([{ offset: 0, key: '#7', value: '!' }]))
  input.look()
  const { missingSchema } = input
  expect([input.look(), bad]).toEqual(['nothing', []])
  expect(input.missingSchema).toBe(missingSchema)
  await missingSchema!.load()
  expect([input.look(), bad.length]).toEqual(['passed', 1])
})

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
    expect([input.nextRecordMs, input.look(), bad]).toEqual([undefined, 'nothing', []])
    input.feed(batchOf([{ offset: 10 }]))
    expect(rest(input)).toEqual([['v10', 11]])
    expect(input.takeOldestMs()).toBe(1_010)
  })

  it('meets no damage of the batch before', () => {
    const { input, bad } = inputOf()
    input.feed(batchOf([{ offset: 5 }], { damaged: [damage(1, 2, 0), damage(3, 4, 0)] }))
    expect([input.look(), bad.length]).toEqual(['passed', 1])
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
    input.reset(7)
    expect([input.missingSchema, input.takeOldestMs()]).toEqual([undefined, undefined])
    input.feed(batchOf([{ offset: 0 }]))
    expect(input.look()).toBe('record')
  })
})
