import type { Share } from '../../src/engine/task/verdicts'
import { Quarantine } from '../../src/engine/worker/quarantine'
import { ContentError } from '../../src/errors'

const at = (offset: number, partition = 0) => ({ topic: 'in', partition, offset })
const shareOf = (task: string, records: number, over: Partial<Share> = {}): Share => ({
  ...{ task, records, last: at(7), results: 0, letters: 0, retained: 0, dropped: [] },
  ...over,
})
const error = new ContentError('no')
const naming = (...offsets: number[]) => {
  const [first, ...others] = offsets.map(offset => new ContentError(`no ${offset}`, { position: at(offset) }))
  return new ContentError('no', { position: first!.position!, others })
}
/** Kafka has named a record of these bytes. */
const output = (value: string) => {
  const record = { key: null, value: Buffer.from(value), timestamp: 1 }
  return new ContentError('no', { outputs: [{ topic: 'out', record, words: 'no', isForTime: false }] })
}
const tasks = ['a', 'b', 'c', 'd', 'e'].map(id => ({ id }))
const partsOf = (quarantine: Quarantine) => quarantine.partsOf(tasks).map(part => part.map(({ id }) => id).join(' '))

describe('a search', () => {
  it('is none where nobody has a share in what was refused', () => {
    const quarantine = new Quarantine()
    expect(quarantine.refuse([], error)).toBe(false)
    expect([quarantine.isSearching, quarantine.verdictsOf('a')]).toEqual([false, undefined])
  })

  it('goes by halves of the tasks, each with what it had, behind those that are not suspected', () => {
    const quarantine = new Quarantine()
    expect(quarantine.refuse([shareOf('b', 5), shareOf('c', 0), shareOf('d', 7)], error)).toBe(true)
    expect(partsOf(quarantine)).toEqual(['a e', 'b c', 'd'])
    expect(quarantine.partsOf([{ id: 'd' }])).toEqual([[{ id: 'd' }]])
    expect(quarantine.partsOf([])).toEqual([])
    expect(['a', 'b', 'c', 'd'].map(task => quarantine.limitOf(task))).toEqual([Number.POSITIVE_INFINITY, 5, 1, 7])
    quarantine.refuse([shareOf('b', 5), shareOf('c', 1)], error)
    expect(partsOf(quarantine)).toEqual(['a e', 'd', 'b', 'c'])
  })

  it('goes by halves of one task’s records, rounded up, down to one', () => {
    const quarantine = new Quarantine()
    const limits = [9, 5, 3, 2, 1].map(records => {
      quarantine.refuse([shareOf('a', records)], error)
      return quarantine.limitOf('a')
    })
    expect(limits).toEqual([5, 3, 2, 1, 1])
    expect(quarantine.verdictsOf('a')!.refusalOf(at(7))).toBe(error)
    // The record that is meant, and no other.
    for (const other of [at(6), at(7, 1), { ...at(7), topic: 'other' }])
      expect(quarantine.verdictsOf('a')!.refusalOf(other)).toBeUndefined()
  })

  it('of a task is over once it has committed as much as was refused; its commits grow meanwhile', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 16)], error)
    quarantine.refuse([shareOf('a', 8)], error)
    quarantine.refuse([shareOf('a', 4)], error)
    const limits = [2, 2, 4].map(records => {
      quarantine.pass([shareOf('b', 1), shareOf('a', records)])
      return quarantine.limitOf('a')
    })
    expect(limits).toEqual([4, 8, 8])
    quarantine.pass([shareOf('a', 7)])
    expect([quarantine.limitOf('a'), quarantine.isSearching]).toEqual([1, true])
    // A commit without a record is one of its own.
    quarantine.pass([shareOf('a', 0)])
    expect(quarantine.isSearching).toBe(false)
  })

  it('has a commit to make where a suspect has something new', () => {
    const quarantine = new Quarantine()
    const slot = (id: string, isDirty: boolean) => ({ task: { id, isDirty } })
    expect(quarantine.isReady([slot('a', true)])).toBe(false)
    quarantine.refuse([shareOf('a', 2)], error)
    expect(quarantine.isReady([slot('a', false), slot('b', true)])).toBe(false)
    expect(quarantine.isReady([slot('b', true), slot('a', true)])).toBe(true)
  })

  it('ends with nothing found where a commit without a record is refused and nothing else is in it', () => {
    const quarantine = new Quarantine()
    const empty = shareOf('a', 0, { last: undefined })
    expect([quarantine.refuse([empty], error), quarantine.refuse([empty], error)]).toEqual([true, false])
  })

  it('leaves out, one after the other, only what is there', () => {
    const quarantine = new Quarantine()
    const share = shareOf('a', 1, { letters: 1 })
    const leftOut = () => Object.keys(quarantine.verdictsOf('a')!.leftOut)
    quarantine.refuse([share], error)
    quarantine.refuse([share], error)
    expect(leftOut()).toEqual(['letters'])
    quarantine.pass([shareOf('b', 1)])
    expect(leftOut()).toEqual(['letters'])
    quarantine.refuse([shareOf('a', 3)], error)
    // It had more than one record: the record isn't alone any more.
    quarantine.pass([shareOf('a', 1)])
    expect(leftOut()).toEqual([])
  })

  it('leaves out results and their dead letters together, though a commit has but one of them at a time', () => {
    const quarantine = new Quarantine()
    const leftOut = () => Object.keys(quarantine.verdictsOf('a')!.leftOut)
    quarantine.refuse([shareOf('a', 1, { results: 1 })], error)
    const tried = [{ results: 1 }, { letters: 1 }, { results: 1 }].map(beside => {
      quarantine.refuse([shareOf('a', 1, beside)], error)
      return leftOut()
    })
    expect(tried).toEqual([['results'], ['letters'], ['results', 'letters']])
    expect(quarantine.verdictsOf('a')!.refusalOf(at(7))).toBeUndefined()
  })

  it('goes on where the suspect is refused again before it has been silent for long', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 8)], error)
    quarantine.look(1_000)
    quarantine.refuse([shareOf('a', 4)], error)
    quarantine.look(31_000)
    expect(quarantine.isSearching).toBe(true)
    quarantine.look(61_000)
    expect(quarantine.isSearching).toBe(false)
  })
})

describe('records that an end names', () => {
  it('are left out, and the tasks commit apart, at first all that they had, then by halves', () => {
    const quarantine = new Quarantine()
    const shares = [shareOf('a', 8), shareOf('b', 5)]
    quarantine.refuse(shares, naming(1))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a', 'b'])
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([8, 5])
    for (const task of ['a', 'b']) expect(quarantine.verdictsOf(task)!.refusalOf(at(1))).toBeDefined()
    quarantine.refuse([shares[1]!], naming(2))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a', 'b'])
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([8, 3])
    quarantine.pass([shareOf('b', 3)])
    quarantine.refuse([shareOf('b', 2)], naming(4))
    expect(quarantine.limitOf('b')).toBe(2)
  })

  it('leave tasks together that the search has put into one commit', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 8), shareOf('b', 5), shareOf('c', 3)], error)
    quarantine.refuse([shareOf('a', 8), shareOf('b', 5)], naming(1))
    expect(partsOf(quarantine)).toEqual(['d e', 'a b', 'c'])
  })

  it('again, all of them, are not what is to blame: it goes by halves; one that is new is', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 8)], naming(1, 2))
    quarantine.refuse([shareOf('a', 8)], naming(2, 3))
    expect(quarantine.verdictsOf('a')!.refusalOf(at(3))).toBeDefined()
    expect(quarantine.limitOf('a')).toBe(4)
    quarantine.refuse([shareOf('a', 2)], naming(1, 3))
    expect(quarantine.limitOf('a')).toBe(1)
    expect(quarantine.verdictsOf('a')!.refusalOf(at(7))).toBeUndefined()
  })
})

test('a record that is alone, where only what is left out already is named, is to blame itself', () => {
  const quarantine = new Quarantine()
  for (let i = 0; i < 2; i++) quarantine.refuse([shareOf('a', 1)], naming(1))
  expect(quarantine.verdictsOf('a')!.refusalOf(at(7))).toBeDefined()
})

test('of several that are refused, one without a place is not looked for by it', () => {
  const quarantine = new Quarantine()
  const both = new ContentError('no', { position: at(1), others: [new ContentError('nor this')] })
  expect(quarantine.refuse([shareOf('a', 8)], both)).toBe(true)
  expect(quarantine.verdictsOf('a')!.refusalOf(at(1))).toBe(both)
})

test('a record that one task leaves out already is not looked for in another', () => {
  const quarantine = new Quarantine()
  quarantine.refuse([shareOf('a', 8)], naming(1))
  quarantine.refuse([shareOf('a', 8), shareOf('b', 5)], naming(1))
  expect(quarantine.verdictsOf('b')!.refusalOf(at(1))).toBeUndefined()
  expect(partsOf(quarantine)).toEqual(['c d e', 'a', 'b'])
})

describe('records that Kafka names', () => {
  it('are left out when they are made again; the tasks commit together, all that they had, then by halves', () => {
    const quarantine = new Quarantine()
    const shares = [shareOf('a', 8), shareOf('b', 5)]
    expect(quarantine.refuse(shares, output('x'))).toBe(true)
    expect(partsOf(quarantine)).toEqual(['c d e', 'a b'])
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([8, 5])
    quarantine.refuse(shares, output('y'))
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([4, 3])
    const { refusedOutput } = quarantine.verdictsOf('b')!
    const record = (value: string) => ({ key: null, value: Buffer.from(value), timestamp: 1 })
    expect(['x', 'y', 'z'].map(value => refusedOutput('out', record(value)) !== undefined)).toEqual([true, true, false])
    // A commit that Kafka takes begins the count again.
    quarantine.pass([shareOf('a', 1)])
    quarantine.refuse(shares, output('z'))
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([8, 5])
  })

  it('again are not what is to blame', () => {
    const quarantine = new Quarantine()
    const shares = [shareOf('a', 8), shareOf('b', 5)]
    quarantine.refuse(shares, output('x'))
    quarantine.refuse(shares, output('x'))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a', 'b'])
  })

  it('ten times in a row, others each time, are searched for by halves', () => {
    const quarantine = new Quarantine()
    const shares = [shareOf('a', 8), shareOf('b', 5)]
    for (let i = 0; i < 10; i++) {
      quarantine.refuse(shares, output(`${i}`))
      expect(partsOf(quarantine)).toEqual(['c d e', 'a b'])
    }
    quarantine.refuse(shares, output('one more'))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a', 'b'])
  })

  it('are known while there is a suspect', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 1), shareOf('b', 1)], output('x'))
    quarantine.pass([shareOf('a', 1)])
    const { record } = output('x').outputs[0]!
    expect(quarantine.verdictsOf('b')!.refusedOutput('out', record)).toBeDefined()
  })

  it('are forgotten when nothing has come of them for long, and how often some were named', () => {
    const quarantine = new Quarantine()
    const shares = [shareOf('a', 8), shareOf('b', 5)]
    for (let i = 0; i < 10; i++) quarantine.refuse(shares, output(`${i}`))
    quarantine.look(0)
    quarantine.look(30_000)
    expect(quarantine.isSearching).toBe(false)
    quarantine.refuse(shares, output('0'))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a b'])
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([8, 5])
  })

  it('are forgotten when the search is over', () => {
    const quarantine = new Quarantine()
    quarantine.refuse([shareOf('a', 1)], output('x'))
    quarantine.pass([shareOf('a', 1)])
    expect(quarantine.isSearching).toBe(false)
    quarantine.refuse([shareOf('a', 2), shareOf('b', 2)], output('x'))
    expect(partsOf(quarantine)).toEqual(['c d e', 'a b'])
  })
})
