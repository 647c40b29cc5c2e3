import type { Checkpoint } from '../../src/engine/task/checkpoint'
import type { Share } from '../../src/engine/task/verdicts'
import { mostUncommitted } from '../../src/engine/worker/loop/bounds'
import { Committing } from '../../src/engine/worker/loop/committing'
import type { LoopParts } from '../../src/engine/worker/loop/loop-parts'
import type { OpenTasks, Slot } from '../../src/engine/worker/open-tasks'
import { Quarantine } from '../../src/engine/worker/quarantine'
import { Tally } from '../../src/engine/worker/tally'
import { ContentError, SinkError, UnavailableError } from '../../src/errors'

const refused = (message = 'too long') => new ContentError(message)

/** What a task has for the next commit. */
function taskOf(id: string) {
  const last = { topic: 'in', partition: 0, offset: 7 }
  const share: Share = { task: id, records: 4, last, results: 0, letters: 0, retained: 0, dropped: [] }
  return {
    id,
    isDirty: true,
    held: { isThere: false },
    share,
    offset: 8 as number,
    metadata: 'w-1' as string | undefined,
  }
}
type FakeTask = ReturnType<typeof taskOf>

/** Commits of the tasks `a` and `b`, which are done when the test says so, on a clock that it sets. */
function scene() {
  const time = { ms: 50 }
  const clock = { now: () => 1_000 + time.ms, monotonic: () => time.ms }
  const [a, b] = [taskOf('a'), taskOf('b')]
  const slots = new Map([a, b].map(task => [task.id, { task, sealed: new Map() }]))
  const begun: { readonly tasks: string[]; readonly done: () => void; readonly fail: (error: unknown) => void }[] = []
  const road = {
    isUneven: false,
    commit: (tasks: readonly FakeTask[]) => {
      const dirty = tasks.filter(({ isDirty }) => isDirty)
      const checkpoints = dirty.map(({ id, offset, metadata }) => ({
        task: id,
        offsets: [{ topic: 'in', partition: 0, offset, ...(metadata !== undefined && { metadata }) }],
      }))
      return new Promise<Checkpoint[]>((resolve, fail) => {
        begun.push({ tasks: tasks.map(({ id }) => id), done: () => resolve(checkpoints as never), fail })
      })
    },
  }
  const [quarantine, tally, lines] = [new Quarantine(), new Tally(clock), [] as unknown[]]
  const told: unknown[] = []
  tally.onCommit = (ms, last, traceId) => told.push({ ms, last, traceId })
  const log = { debug() {}, info() {}, warn() {}, error: (line: unknown) => lines.push(line) }
  const parts = { clock, commitIntervalMs: 200, quarantine, tally, log, traces: { lastTraceId: 'f00d' } }
  const events: unknown[] = []
  const state = { hasFailed: false }
  const on = {
    hasFailed: () => state.hasFailed,
    failed: (error: unknown) => void events.push(error),
    committed: () => void events.push('committed'),
    over: () => void events.push('over'),
  }
  const committing = new Committing({ road, slots } as unknown as OpenTasks, parts as unknown as LoopParts, on)
  /** How many commits have begun when it was looked at that time, ms after the start. */
  const at = (ms: number) => {
    time.ms = 50 + ms
    committing.look()
    return begun.length
  }
  const sealed = (id: string) => (slots.get(id) as unknown as Slot).sealed
  return {
    ...{ a, b, slots, begun, road, quarantine, tally, lines, told, events, state, committing, time, at, sealed },
  }
}

const turn = () => new Promise(setImmediate)

describe('a commit', () => {
  it('is made of all tasks an interval after the last one began, and tells of what it has made', async () => {
    const { at, begun, events, committing, sealed, tally, told, time, a, b } = scene()
    expect(committing.committedAt).toBe(50)
    expect([at(199), at(200)]).toEqual([0, 1])
    expect(begun[0]?.tasks).toEqual(['a', 'b'])
    b.metadata = undefined
    time.ms = 290
    begun[0]?.done()
    await turn()
    expect(events).toEqual(['committed', 'over'])
    expect(committing.committedAt).toBe(290)
    expect(sealed('a')).toEqual(new Map([['in', { offset: 8, metadata: 'w-1' }]]))
    expect(told).toEqual([{ ms: 40, last: a.share.last, traceId: 'f00d' }])
    expect(tally.commits).toBe(1)
  })

  it('without metadata has none when it is compared with what is committed', async () => {
    const { committing, begun, sealed, b } = scene()
    b.metadata = undefined
    const made = committing.commit()
    begun[0]?.done()
    await made
    expect(sealed('b')).toEqual(new Map([['in', { offset: 8, metadata: '' }]]))
  })

  it('of nothing new is no commit, and shows that all is well', async () => {
    const { committing, begun, events, tally, told, sealed, a, b, time } = scene()
    a.isDirty = b.isDirty = false
    time.ms = 300
    const made = committing.commit()
    begun[0]?.done()
    await made
    expect(events).toEqual(['committed'])
    expect(committing.committedAt).toBe(300)
    expect([tally.commits, told, sealed('a').size]).toEqual([0, [], 0])
  })

  it('of nothing new says nothing of the one that is on its way', async () => {
    const { committing, begun, events, a, b, time } = scene()
    const first = committing.commit()
    a.isDirty = b.isDirty = false
    time.ms = 300
    const second = committing.commit()
    begun[1]?.done()
    await second
    expect([events, committing.committedAt]).toEqual([[], 50])
    begun[0]?.done()
    await first
    expect([events, committing.committedAt]).toEqual([['committed'], 300])
  })

  it('is none once the attempt has failed', async () => {
    const { committing, begun, events, state } = scene()
    state.hasFailed = true
    await committing.commit()
    expect([begun, events]).toEqual([[], []])
  })

  it('that fails is told, and is over', async () => {
    const { at, begun, events, committing, tally, sealed } = scene()
    const away = new UnavailableError('nobody there')
    at(200)
    begun[0]?.fail(away)
    await turn()
    expect(events).toEqual([away, 'over'])
    expect([committing.committedAt, tally.commits, sealed('a').size]).toEqual([50, 0, 0])
  })

  it('tells of each dead letter that was left out for good', async () => {
    const { committing, begun, a, lines, tally } = scene()
    a.share = { ...a.share, dropped: [{ topic: 'in_dead_letters', line: 'left out' }, { line: 'a retained value' }] }
    const made = committing.commit()
    expect(lines).toEqual([])
    begun[0]?.done()
    await made
    expect(lines).toEqual(['left out', 'a retained value'])
    expect([...tally.droppedLetters]).toEqual([['in_dead_letters', 1]])
  })

  it('takes what was processed before it out of what waits', async () => {
    const { committing, begun } = scene()
    committing.backlog.add(mostUncommitted + 1, 0)
    const first = committing.commit()
    committing.backlog.add(1, 0)
    const second = committing.commit()
    expect(committing.backlog.isFull).toBe(true)
    begun[0]?.fail(new UnavailableError('nobody there'))
    await first
    expect(committing.backlog.isFull).toBe(false)
    begun[1]?.done()
    await second
  })
})

describe('it is time for a commit', () => {
  it('at once where so much waits that nothing more is processed', () => {
    const { committing, at } = scene()
    committing.backlog.add(mostUncommitted, 0)
    expect(at(1)).toBe(0)
    committing.backlog.add(1, 0)
    expect(at(2)).toBe(1)
  })

  it('at once where one task has a refused record, before which nothing more is processed', () => {
    const { a, at } = scene()
    expect(at(1)).toBe(0)
    a.held.isThere = true
    expect(at(2)).toBe(1)
  })

  it('at once where a search has something to try', () => {
    const { a, b, at, quarantine } = scene()
    quarantine.refuse([a.share], refused())
    a.isDirty = false
    expect(at(1)).toBe(0)
    a.isDirty = true
    b.isDirty = false
    expect(at(2)).toBe(1)
  })

  it('beside another only while one end is behind, and nothing is searched for', () => {
    const { at, road, quarantine, a } = scene()
    expect([at(200), at(1_500)]).toEqual([1, 1])
    road.isUneven = true
    quarantine.refuse([a.share], refused())
    expect(at(1_500)).toBe(1)
    quarantine.pass([a.share])
    expect(quarantine.isSearching).toBe(false)
    expect(at(1_500)).toBe(2)
  })

  it.each(['done', 'fail'] as const)(
    'not beside one with a refused record, before that one is over (%s)',
    async end => {
      const { at, road, a, begun } = scene()
      road.isUneven = true
      at(200)
      a.held.isThere = true
      expect(at(1_200)).toBe(2)
      // The checkpoint has let the record go; the commit that has it is still under way.
      a.held.isThere = false
      expect(at(60_000)).toBe(2)
      begun[1]?.[end](new UnavailableError('nobody there'))
      await turn()
      expect(at(60_001)).toBe(3)
    },
  )

  it('not while they are held', async () => {
    const { committing, at, begun } = scene()
    at(200)
    let isHeld = false
    const held = committing.hold().then(() => (isHeld = true))
    expect(committing.isHeld).toBe(true)
    await turn()
    expect(isHeld).toBe(false)
    let isSettled = false
    const settled = committing.settled().then(() => (isSettled = true))
    await turn()
    expect(isSettled).toBe(false)
    begun[0]?.done()
    await Promise.all([held, settled])
    expect(at(60_000)).toBe(1)
    committing.goOn()
    expect([committing.isHeld, at(60_001)]).toEqual([false, 2])
  })
})

describe('what an end refuses', () => {
  it('is searched for among the tasks of the commit, which commit apart from then on', async () => {
    const { committing, begun, events, quarantine, a, b, slots } = scene()
    const error = refused()
    b.isDirty = false
    slots.set('c', { task: taskOf('c'), sealed: new Map() })
    const made = committing.commit()
    begun[0]?.fail(error)
    await made
    expect(events).toEqual([error])
    expect(['a', 'b', 'c'].map(id => quarantine.isSuspect(id))).toEqual([true, false, true])
    expect(quarantine.limitOf('a')).toBe(4)
    b.isDirty = true
    a.share = { ...a.share, records: 2 }
    const next = committing.commit()
    for (let part = 1; part < 4; part++) {
      begun[part]?.done()
      await turn()
    }
    await next
    expect(begun.slice(1).map(({ tasks }) => tasks)).toEqual([['b'], ['a'], ['c']])
    // Two of the four records that `a` had in the refused commit are still to come.
    expect([quarantine.isSuspect('a'), quarantine.isSuspect('c')]).toEqual([true, false])
  })

  it('may have come by the commits beside it, and not by those that are over', async () => {
    const { committing, begun, quarantine, a, b } = scene()
    const over = committing.commit()
    begun[0]?.done()
    await over
    b.isDirty = false
    const first = committing.commit()
    ;[a.isDirty, b.isDirty] = [false, true]
    const second = committing.commit()
    begun[2]?.fail(refused())
    await second
    expect([quarantine.isSuspect('a'), quarantine.isSuspect('b')]).toEqual([true, true])
    expect(quarantine.limitOf('a')).toBe(4)
    begun[1]?.done()
    await first
  })

  it('is no reason for a search in an attempt that has failed, nor is an outage', async () => {
    const { committing, begun, quarantine, state, events } = scene()
    const first = committing.commit()
    begun[0]?.fail(new UnavailableError('nobody there'))
    await first
    const second = committing.commit()
    state.hasFailed = true
    begun[1]?.fail(refused())
    await second
    committing.writeFailed(refused())
    committing.writeFailed(new UnavailableError('nobody there'))
    expect(quarantine.isSearching).toBe(false)
    expect(events).toHaveLength(4)
  })

  it('ahead of its commit may be of any task, and of what is under way', async () => {
    const { committing, begun, quarantine, events, a, b } = scene()
    const made = committing.commit()
    a.share = { ...a.share, records: 0 }
    b.share = { ...b.share, records: 2 }
    const error = refused()
    committing.writeFailed(error)
    expect(events).toEqual([error])
    expect([quarantine.limitOf('a'), quarantine.limitOf('b')]).toEqual([4, 6])
    begun[0]?.done()
    await made
  })

  it('ahead of its commit with nothing to blame for it ends the work', () => {
    const { committing, events, a, b } = scene()
    for (const task of [a, b]) task.share = { ...task.share, records: 0 }
    committing.writeFailed(refused())
    expect(events).toEqual([expect.objectContaining({ fatal: true, cause: expect.any(ContentError) })])
    expect(events[0]).toBeInstanceOf(SinkError)
  })

  it('when everything was left out that could be is nothing that another attempt cures', async () => {
    const { committing, begun, events, a, b, slots } = scene()
    slots.delete('b')
    b.isDirty = false
    a.share = { ...a.share, records: 1 }
    for (let attempt = 0; attempt < 3; attempt++) {
      const made = committing.commit()
      begun[attempt]?.fail(refused())
      await made
    }
    expect(events.map(error => (error as Error).name)).toEqual(['ContentError', 'ContentError', 'SinkError'])
    expect(events[2]).toMatchObject({ fatal: true, message: expect.stringContaining('tasks a: everything') })
  })

  it('is taken for gone once its task has had nothing to commit for half a minute', async () => {
    const { committing, begun, quarantine, a, b, time } = scene()
    quarantine.refuse([a.share], refused())
    a.isDirty = b.isDirty = false
    const commit = async (ms: number) => {
      time.ms = ms
      const made = committing.commit()
      for (const each of begun.splice(0)) each.done()
      await turn()
      for (const each of begun.splice(0)) each.done()
      await made
      return quarantine.isSearching
    }
    expect([await commit(100), await commit(30_099), await commit(30_100)]).toEqual([true, true, false])
  })
})
