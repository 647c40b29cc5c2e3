import { ContentError, SinkError, UnavailableError } from '../../src/errors'
import { commitScene, refused, taskOf } from '../testing/commit-scene'

const turn = () => new Promise(setImmediate)

describe('what an end refuses', () => {
  it('is searched for among the tasks of the commit, which commit apart from then on', async () => {
    const { committing, begun, events, quarantine, a, b, slots } = commitScene()
    const error = refused()
    b.isDirty = false
    const c = taskOf('c')
    // Only time has moved it: it may be to blame all the same.
    c.share = { ...c.share, records: 0, last: undefined as never }
    slots.set('c', { task: c, sealed: new Map() })
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
    const { committing, begun, quarantine, a, b } = commitScene()
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
    const { committing, begun, quarantine, state, events } = commitScene()
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
    const { committing, begun, quarantine, events, a, b } = commitScene()
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
    const { committing, events, a, b } = commitScene()
    for (const task of [a, b]) task.share = { ...task.share, records: 0 }
    committing.writeFailed(refused())
    expect(events).toEqual([expect.objectContaining({ fatal: true, cause: expect.any(ContentError) })])
    expect(events[0]).toBeInstanceOf(SinkError)
  })

  it('when everything was left out that could be is nothing that another attempt cures', async () => {
    const { committing, begun, events, a, b, slots } = commitScene()
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
    const { committing, begun, quarantine, a, b, time } = commitScene()
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
