import { type MemoryChunk, memory } from '../../../src/connectors/memory/memory-target'
import type { GraphNode } from '../../../src/dsl/graph'
import { SinkOutputs } from '../../../src/engine/task/sink-outputs'
import { type Position, ProcessError } from '../../../src/errors'
import { Journal } from '../../../src/state/journal'
import { KeyValueStore } from '../../../src/state/key-value-store'

const record = (key: string, value: unknown, timestamp = 1) => ({ key, value, timestamp })
const at = (offset: number, topic = 'in'): Position => ({ topic, partition: 0, offset })

/** Three ends: two of one kind, one of which retains values and refuses odd numbers while `isStrict`. */
function scene() {
  const limits = { isStrict: false }
  const isRefused = (value: unknown) => value === 'bad' || (limits.isStrict && Number(value) % 2 === 1)
  const targets = [
    memory<any, any>({ name: 'plain', refuse: ({ value }) => (value === 'bad' ? 'bad' : undefined) }),
    memory<any, any>({
      name: 'last',
      refuse: ({ value }) => (isRefused(value) ? 'odd' : undefined),
      retains: ({ key }) => `to/${key}`,
    }),
    memory<any, any>({ name: 'other', guarantee: 'at_least_once' }),
  ]
  const sinks = new SinkOutputs()
  const retained = new KeyValueStore('last-retained', new Journal())
  const [plain, last, other] = targets.map(target =>
    sinks.of({ spec: { target } } as unknown as GraphNode<'sink'>, target.name === 'last' ? retained : undefined),
  )
  const taken = () =>
    sinks.take().map(({ target, chunk }) => {
      const { rows } = chunk as MemoryChunk
      return [target.name, rows.map(row => `${row.record.key}=${row.record.value} of ${row.origin.offset}`)]
    })
  return { sinks, plain: plain!, last: last!, other: other!, retained, taken, limits }
}

test('what each end is to be given is handed over once, with its bytes', () => {
  const { sinks, plain, other, taken } = scene()
  plain.write(record('a', 1), at(0))
  plain.write(record('b', 2), at(1))
  other.write(record('a', 1), at(0))
  expect(sinks.bytes).toBe(3 * 64)
  expect(sinks.queues.map(({ target, bytes }) => [target.name, bytes])).toEqual([
    ['plain', 128],
    ['last', 0],
    ['other', 64],
  ])
  expect(taken()).toEqual([
    ['plain', ['a=1 of 0', 'b=2 of 1']],
    ['other', ['a=1 of 0']],
  ])
  expect([sinks.bytes, taken()]).toEqual([0, []])
})

test('what an end has of a topic from a former run is not written there again, and is to the others', () => {
  const { sinks, plain, last, other, taken } = scene()
  sinks.skipBelow('memory', 'in', 5)
  expect(['memory', 'memory at once'].map(kind => sinks.heldUpTo(kind, 'in'))).toEqual([5, 0])
  expect([sinks.heldUpTo('memory', 'elsewhere'), sinks.heldUpTo('none', 'in')]).toEqual([0, 0])
  for (const way of [plain, last, other]) {
    way.write(record('a', 4), at(4))
    way.write(record('b', 5), at(5))
    way.write(record('c', 3), at(3, 'elsewhere'))
  }
  expect(taken()).toEqual([
    ['plain', ['b=5 of 5', 'c=3 of 3']],
    ['last', ['b=5 of 5', 'c=3 of 3']],
    ['other', ['a=4 of 4', 'b=5 of 5', 'c=3 of 3']],
  ])
})

test('a record at the very start of a topic is written where nothing is known of a former run', () => {
  const { plain, taken } = scene()
  plain.write(record('a', 1), at(0))
  expect(taken()).toEqual([['plain', ['a=1 of 0']]])
})

test('a record that a former run found unwritable is found so again', () => {
  const { sinks, plain, taken } = scene()
  sinks.skipBelow('memory', 'in', 5)
  plain.write(record('a', 1), at(7))
  expect(() => plain.write(record('b', 'bad'), at(2))).toThrow(ProcessError)
  expect(taken()).toEqual([['plain', ['a=1 of 7']]])
})

test('a record that fails is taken back from every end, from where it began or from within', () => {
  const { sinks, plain, last, taken } = scene()
  plain.write(record('a', 1), at(0))
  sinks.mark()
  plain.write(record('b', 2), at(1))
  last.write(record('b', 2), at(1))
  const savepoint = sinks.savepoint()
  plain.write(record('c', 3), at(1))
  last.write(record('c', 3), at(1))
  sinks.resetTo(savepoint)
  expect(sinks.queues.map(({ bytes }) => bytes / 64)).toEqual([2, 1, 0])
  sinks.reset()
  expect(taken()).toEqual([['plain', ['a=1 of 0']]])
})

test('all that was not handed over can be taken back', () => {
  const { sinks, plain, other, taken } = scene()
  plain.write(record('a', 1), at(0))
  other.write(record('a', 1), at(0))
  sinks.clear()
  expect([sinks.bytes, taken()]).toEqual([0, []])
})

describe('an end that retains', () => {
  test('is given the last value of each address again, and what cleared one is none', () => {
    const { sinks, last, plain, taken } = scene()
    for (const [offset, key] of ['a', 'b', 'a', 'c'].entries()) last.write(record(key, offset), at(offset))
    last.write(record('b', null), at(4))
    plain.write(record('x', 1), at(5))
    taken()
    expect(sinks.writeRetained('memory', () => false)).toBe(2)
    expect(taken()).toEqual([['last', ['a=2 of 2', 'c=3 of 3']]])
    expect(sinks.writeRetained('memory at once', () => false)).toBe(0)
    expect(taken()).toEqual([])
  })

  test('is given again what a former run has written too', () => {
    const { sinks, last, taken } = scene()
    sinks.skipBelow('memory', 'in', 5)
    last.write(record('a', 1), at(2))
    expect(taken()).toEqual([])
    expect(sinks.writeRetained('memory', () => false)).toBe(1)
    expect(taken()).toEqual([['last', ['a=1 of 2']]])
  })

  test('is not given what came of a record that is left out, nor what it no longer takes', () => {
    const { sinks, last, taken, limits } = scene()
    for (const [offset, key] of ['a', 'b', 'c', 'd'].entries()) last.write(record(key, offset), at(offset))
    taken()
    limits.isStrict = true
    expect(sinks.writeRetained('memory', ({ offset }) => offset === 0)).toBe(1)
    expect(taken()).toEqual([['last', ['c=2 of 2']]])
  })

  test('what is no fault of a value is told', () => {
    const { sinks, last, retained } = scene()
    last.write(record('a', 1), at(0))
    retained.put('to/b', { key: 'b', value: 2, timestamp: 1, origin: null })
    const isLeftOut = (origin: Position) => {
      if (origin === null) throw new RangeError('no origin')
      return false
    }
    expect(() => sinks.writeRetained('memory', isLeftOut)).toThrow('no origin')
    const { sinks: broken, last: way } = scene()
    way.write(record('a', 1), at(0))
    const encoder = (way as unknown as { encoder: { encode(): void } }).encoder
    encoder.encode = () => {
      throw new RangeError('out of memory')
    }
    expect(() => broken.writeRetained('memory', () => false)).toThrow('out of memory')
  })

  test('keeps the position of each value, though one object serves for all records', () => {
    const { sinks, last, taken } = scene()
    const position = { topic: 'in', partition: 0, offset: 0 }
    last.write(record('a', 0), position)
    position.offset = 1
    last.write(record('b', 2), position)
    taken()
    sinks.writeRetained('memory', () => false)
    expect(taken()).toEqual([['last', ['a=0 of 0', 'b=2 of 1']]])
  })
})
