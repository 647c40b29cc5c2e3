import { mostUncommitted } from '../../src/engine/worker/loop/bounds'
import { UnavailableError } from '../../src/errors'
import { commitScene, refused } from '../testing/commit-scene'

const turn = () => new Promise(setImmediate)

describe('a commit', () => {
  it('is made of all tasks an interval after the last one began, and tells of what it has made', async () => {
    const { at, begun, events, committing, sealed, tally, told, time, a, b } = commitScene()
    b.share = { ...b.share, last: { ...b.share.last!, partition: 1 } }
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
    const { committing, begun, sealed, b } = commitScene()
    b.metadata = undefined
    const made = committing.commit()
    begun[0]?.done()
    await made
    expect(sealed('b')).toEqual(new Map([['in', { offset: 8, metadata: '' }]]))
  })

  it('of one task is a commit', async () => {
    const { committing, begun, tally, told, a, b } = commitScene()
    a.isDirty = false
    const made = committing.commit()
    begun[0]?.done()
    await made
    expect([tally.commits, told]).toEqual([1, [{ ms: 0, last: b.share.last, traceId: 'f00d' }]])
  })

  it('of nothing new is no commit, and shows that all is well', async () => {
    const { committing, begun, events, tally, told, sealed, a, b, time } = commitScene()
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
    const { committing, begun, events, a, b, time } = commitScene()
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
    const { committing, begun, events, state } = commitScene()
    state.hasFailed = true
    await committing.commit()
    expect([begun, events]).toEqual([[], []])
  })

  it('that fails is told, and is over', async () => {
    const { at, begun, events, committing, tally, sealed } = commitScene()
    const away = new UnavailableError('nobody there')
    at(200)
    begun[0]?.fail(away)
    await turn()
    expect(events).toEqual([away, 'over'])
    expect([committing.committedAt, tally.commits, sealed('a').size]).toEqual([50, 0, 0])
  })

  it('tells of each dead letter that was left out for good', async () => {
    const { committing, begun, a, lines, tally } = commitScene()
    a.share = { ...a.share, dropped: [{ topic: 'in_dead_letters', line: 'left out' }, { line: 'a retained value' }] }
    const made = committing.commit()
    expect(lines).toEqual([])
    begun[0]?.done()
    await made
    expect(lines).toEqual(['left out', 'a retained value'])
    expect([...tally.droppedLetters]).toEqual([['in_dead_letters', 1]])
  })

  it('takes what was processed before it out of what waits', async () => {
    const { committing, begun } = commitScene()
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
    const { committing, at } = commitScene()
    committing.backlog.add(mostUncommitted, 0)
    expect(at(1)).toBe(0)
    committing.backlog.add(1, 0)
    expect(at(2)).toBe(1)
  })

  it('at once where one task has a refused record, before which nothing more is processed', () => {
    const { a, at } = commitScene()
    expect(at(1)).toBe(0)
    a.held.isThere = true
    expect(at(2)).toBe(1)
  })

  it('at once where a search has something to try', () => {
    const { a, b, at, quarantine } = commitScene()
    quarantine.refuse([a.share], refused())
    a.isDirty = false
    expect(at(1)).toBe(0)
    a.isDirty = true
    b.isDirty = false
    expect(at(2)).toBe(1)
  })

  it('beside another only while one end is behind, and nothing is searched for', () => {
    const { at, road, quarantine, a } = commitScene()
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
      const { at, road, a, begun } = commitScene()
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
    const { committing, at, begun } = commitScene()
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
