import { type Share, together } from '../../src/engine/task/verdicts'
import { Quarantine } from '../../src/engine/worker/quarantine'
import { ContentError } from '../../src/errors'

/** Numbers that look random and are the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const nothingBeside = { results: 0, letters: 0, retained: 0, dropped: [] }

interface ModelTask {
  readonly id: string
  readonly records: number
  committed: number
  /** Processed, not committed. */
  gathered: number
}

/** Tasks whose commits an end refuses where one of these records is in them. */
class Model {
  readonly arrived: string[] = []
  readonly letters: string[] = []
  refusals = 0
  readonly quarantine = new Quarantine()

  constructor(
    readonly tasks: readonly ModelTask[],
    private readonly refused: ReadonlySet<string>,
    private readonly says: boolean,
  ) {}

  /** Everything that waits is processed, as far as is allowed, and committed. */
  turn(most: (task: ModelTask) => number): void {
    for (const task of this.tasks) {
      const room = Math.min(most(task), this.quarantine.limitOf(task.id), task.records - task.committed)
      task.gathered = Math.max(0, room)
    }
    for (const part of this.quarantine.partsOf(this.tasks)) {
      const dirty = part.filter(({ gathered }) => gathered > 0)
      const shares = dirty.map(task => this.shareOf(task))
      const culprit = dirty.flatMap(task => this.offsets(task).filter(at => this.isRefused(task, at)))[0]
      if (culprit === undefined) this.commit(dirty, shares)
      else {
        this.refusals++
        const position = this.says ? { position: culprit } : {}
        expect(this.quarantine.refuse(shares, new ContentError('too large', position))).toBe(true)
        for (const task of this.tasks) task.gathered = 0
        return
      }
    }
  }

  private offsets(task: ModelTask) {
    return Array.from({ length: task.gathered }, (_, i) => ({
      topic: 'in',
      partition: Number(task.id),
      offset: task.committed + i,
    }))
  }

  private isLeftOut(
    task: ModelTask,
    at: Parameters<NonNullable<ReturnType<Quarantine['verdictsOf']>>['refusalOf']>[0],
  ) {
    return this.quarantine.verdictsOf(task.id)?.refusalOf(at) !== undefined
  }

  private isRefused(task: ModelTask, at: { topic: string; partition: number; offset: number }): boolean {
    return this.refused.has(`${task.id}/${at.offset}`) && !this.isLeftOut(task, at)
  }

  private shareOf(task: ModelTask): Share {
    const last = this.offsets(task).at(-1)
    const letters = this.offsets(task).filter(at => this.isLeftOut(task, at)).length
    return { task: task.id, records: task.gathered, last, results: 0, letters, retained: 0, dropped: [] }
  }

  private commit(tasks: readonly ModelTask[], shares: readonly Share[]): void {
    for (const task of tasks) {
      for (const at of this.offsets(task))
        (this.isLeftOut(task, at) ? this.letters : this.arrived).push(`${task.id}/${at.offset}`)
      task.committed += task.gathered
      task.gathered = 0
    }
    this.quarantine.pass(shares)
  }
}

const isDone = ({ tasks }: Model) => tasks.every(({ committed, records }) => committed === records)

test.each(Array.from({ length: 200 }, (_, seed) => seed))(
  'whatever is refused, all else arrives once and in order, and each refused record is a dead letter once (%i)',
  seed => {
    const next = numbers(seed + 1)
    const tasks = Array.from({ length: 1 + next(8) }, (_, i) => ({
      ...{ id: String(i), records: next(120), committed: 0, gathered: 0 },
    }))
    const share = [0, 0.01, 0.1, 1][next(4)]!
    const all = tasks.flatMap(({ id, records }) => Array.from({ length: records }, (_, i) => `${id}/${i}`))
    const refused = new Set(all.filter(() => next(1000) < share * 1000))
    const model = new Model(tasks, refused, next(3) === 0)
    for (let turns = 0; !isDone(model); turns++) {
      expect(turns).toBeLessThan(20_000)
      model.turn(() => 1 + next(60))
    }
    const inOrder = (list: readonly string[], id: string) => list.filter(each => each.startsWith(`${id}/`))
    for (const { id } of tasks) {
      expect(inOrder(model.arrived, id)).toEqual(inOrder(all, id).filter(each => !refused.has(each)))
      expect(inOrder(model.letters, id)).toEqual(inOrder(all, id).filter(each => refused.has(each)))
    }
    // Halves: a lone record among 120 of 8 tasks costs no more than 3 + 7 commits and its own.
    expect(model.refusals).toBeLessThanOrEqual(refused.size * 12)
  },
)

test('a task without a share in a refused commit goes on as always', () => {
  const quarantine = new Quarantine()
  const share = { records: 8, last: undefined, ...nothingBeside }
  quarantine.refuse(
    ['a', 'b'].map(task => ({ ...share, task })),
    new ContentError('no'),
  )
  expect(quarantine.limitOf('c')).toBe(Number.POSITIVE_INFINITY)
  expect(quarantine.partsOf([{ id: 'a' }, { id: 'c' }, { id: 'b' }, { id: 'd' }])).toEqual([
    [{ id: 'c' }, { id: 'd' }],
    [{ id: 'a' }],
    [{ id: 'b' }],
  ])
})

describe('a record that is alone in a refused commit', () => {
  const last = { topic: 'in', partition: 0, offset: 7 }
  const share: Share = { task: 'a', records: 1, last, ...nothingBeside }
  const error = new ContentError('no')

  test('is not to blame before it was alone in one of the search', () => {
    const quarantine = new Quarantine()
    expect(quarantine.refuse([share], error)).toBe(true)
    expect(quarantine.verdictsOf('a')!.refusalOf(last)).toBeUndefined()
    expect(quarantine.refuse([share], error)).toBe(true)
    expect(quarantine.verdictsOf('a')!.refusalOf(last)).toBe(error)
  })

  test('is to blame after everything that is there beside it', () => {
    const quarantine = new Quarantine()
    const crowded = { ...share, results: 2, letters: 1, retained: 3 }
    quarantine.refuse([crowded], error)
    const leftOut = []
    while (quarantine.verdictsOf('a')!.refusalOf(last) === undefined) {
      leftOut.push(Object.keys(quarantine.verdictsOf('a')!.leftOut))
      expect(quarantine.refuse([crowded], error)).toBe(true)
    }
    expect(leftOut).toEqual([[], ['retained'], ['results'], ['letters'], ['results', 'letters']])
    expect(quarantine.verdictsOf('a')!.leftOut).toEqual({})
  })

  test('is not blamed for what was tried before an outage', () => {
    const quarantine = new Quarantine()
    const crowded = { ...share, results: 1 }
    quarantine.refuse([crowded], error)
    quarantine.refuse([crowded], error)
    expect(quarantine.verdictsOf('a')!.leftOut).toEqual({ results: error })
    quarantine.interrupt()
    expect(quarantine.verdictsOf('a')!.leftOut).toEqual({})
  })

  test('is not tried for ever: there is an end where nothing is left to leave out', () => {
    const quarantine = new Quarantine()
    let tries = 0
    while (quarantine.refuse([{ ...share, results: 2, letters: 1, retained: 1 }], error)) tries++
    expect(tries).toBeLessThan(15)
  })
})

test('a suspect that is silent for long is let go: what it was suspected for does not come again', () => {
  const quarantine = new Quarantine()
  const share = { records: 8, last: undefined, ...nothingBeside }
  const shares = ['a', 'b'].map(task => ({ ...share, task }))
  quarantine.refuse(shares, new ContentError('no'))
  quarantine.look(1_000)
  quarantine.pass([{ ...shares[1]!, records: 1 }])
  quarantine.look(30_999)
  expect([quarantine.isSuspect('a'), quarantine.isSuspect('b')]).toEqual([true, true])
  quarantine.look(31_000)
  expect([quarantine.isSuspect('a'), quarantine.isSuspect('b')]).toEqual([false, true])
  // An outage is no silence.
  quarantine.interrupt()
  quarantine.look(500_000)
  expect(quarantine.isSearching).toBe(true)
  quarantine.look(530_000)
  expect(quarantine.isSearching).toBe(false)
})

test('many records that the end names are gone through in short commits, not each time in all', () => {
  const records = 1_000
  const all = Array.from({ length: records }, (_, i) => `0/${i}`)
  const model = new Model([{ id: '0', records, committed: 0, gathered: 0 }], new Set(all), true)
  let processed = 0
  while (!isDone(model)) {
    const [task] = model.tasks
    processed += Math.min(model.quarantine.limitOf('0'), records - task!.committed)
    model.turn(() => records)
  }
  expect(model.letters).toHaveLength(records)
  // A commit of all for each of them would process half a million.
  expect(processed).toBeLessThan(records * 10)
})

test('all records that an end names at once are left out at once', () => {
  const quarantine = new Quarantine()
  const at = (offset: number) => ({ topic: 'in', partition: 0, offset })
  const others = [2, 3].map(offset => new ContentError(`no ${offset}`, { position: at(offset) }))
  const share = { task: 'a', records: 8, last: at(7), ...nothingBeside }
  const error = new ContentError('no 1', { position: at(1), others })
  expect(quarantine.refuse([share], error)).toBe(true)
  const { refusalOf } = quarantine.verdictsOf('a')!
  expect([0, 1, 2, 3, 4].map(offset => refusalOf(at(offset))?.message)).toEqual([
    ...[undefined, 'no 1', 'no 2', 'no 3', undefined],
  ])
})

test('records for Kafka that are others each time are searched for like what nobody names', () => {
  const quarantine = new Quarantine()
  const last = { topic: 'in', partition: 0, offset: 7 }
  const share = { task: 'a', records: 1, last, ...nothingBeside }
  let tries = 0
  while (quarantine.verdictsOf('a')?.refusalOf(last) === undefined) {
    const record = { key: null, value: Buffer.from(`${++tries}`), timestamp: 1 }
    const error = new ContentError('no', { outputs: [{ topic: 'out', record, words: 'no', isForTime: false }] })
    expect(quarantine.refuse([share], error)).toBe(true)
    expect(quarantine.verdictsOf('a')!.refusedOutput('out', record)?.message).toBe('topic out does not take it: no')
    expect(tries).toBeLessThan(20)
  }
  quarantine.pass([share])
  expect(quarantine.isSearching).toBe(false)
})

test('a write that fails during a commit is blamed on what that commit has, too', () => {
  const share = { records: 2, last: undefined, ...nothingBeside }
  const at = { topic: 'in', partition: 0, offset: 7 }
  const idle = { task: 'c', ...share, records: 0 }
  const all = together([{ task: 'a', ...share, last: at }, idle, { task: 'b', ...share }, { task: 'a', ...share }])
  expect(all.map(({ task, records, last }) => [task, records, last])).toEqual([
    ['a', 4, at],
    ['b', 2, undefined],
  ])
})
