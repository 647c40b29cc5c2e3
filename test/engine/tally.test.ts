import { add, noteDropped, Tally } from '../../src/engine/worker/tally'

function scene() {
  const time = { ms: 0, wallMs: 7_000 }
  return { time, tally: new Tally({ now: () => time.wallMs, monotonic: () => time.ms }) }
}

describe('what a worker counts', () => {
  it('of commits: how many, how long they took, when the last one was, and who is told', () => {
    const { tally } = scene()
    expect(tally.lastCommitAtMs).toBeUndefined()
    tally.committed(5)
    const told: unknown[] = []
    tally.onCommit = (...all) => told.push(all)
    const last = { topic: 'in', partition: 0, offset: 3 }
    tally.committed(9, last, 'f00d')
    expect([tally.commits, tally.lastCommitAtMs, tally.commitMs.quantiles]).toEqual([2, 7_000, { p50: 5, p99: 9 }])
    expect(told).toEqual([[9, last, 'f00d']])
  })

  it('says since when the oldest commit is under way, however those before it have ended', async () => {
    const { tally, time } = scene()
    expect(tally.committingSinceMs).toBeUndefined()
    const ends: { readonly done: (value: string) => void; readonly fail: (error: unknown) => void }[] = []
    const begin = (ms: number) => {
      time.ms = ms
      return tally.committing(() => new Promise<string>((done, fail) => ends.push({ done, fail })))
    }
    const [first, second, third] = [begin(10), begin(20), begin(30)]
    expect(tally.committingSinceMs).toBe(10)
    ends[0]!.done('made')
    expect(await first).toBe('made')
    expect(tally.committingSinceMs).toBe(20)
    const away = new Error('nobody there')
    ends[1]!.fail(away)
    await expect(second).rejects.toBe(away)
    expect(tally.committingSinceMs).toBe(30)
    ends[2]!.done('made')
    await third
    expect(tally.committingSinceMs).toBeUndefined()
  })

  it('of faults: how many by topic and by step, and the last of a step', () => {
    const { tally, time } = scene()
    const at = (offset: number, topic = 'in') => ({ topic, partition: 0, offset })
    tally.failed('map', at(1), 'first')
    time.wallMs = 8_000
    tally.failed('map', at(2, 'other'), 'second')
    tally.failed('filter', at(3), 'third')
    expect([...tally.badRecords]).toEqual([
      ['in', 2],
      ['other', 1],
    ])
    expect([...tally.faults]).toEqual([
      ['map', { count: 2, last: { atMs: 8_000, at: at(2, 'other'), error: 'second' } }],
      ['filter', { count: 1, last: { atMs: 8_000, at: at(3), error: 'third' } }],
    ])
  })

  it('of each end by itself', () => {
    const { tally } = scene()
    const table = tally.end('table')
    expect(tally.end('table')).toBe(table)
    expect(tally.end('queue')).not.toBe(table)
    expect([...tally.ends.keys()]).toEqual(['table', 'queue'])
  })

  it('begins at nothing', () => {
    const { tally } = scene()
    const { generations, rollbacks, restored, restoring, commits } = tally
    expect([generations, rollbacks, restored, restoring, commits]).toEqual([0, 0, 0, undefined, 0])
  })
})

test('counts are added up by name', () => {
  const counts = new Map<string, number>()
  add(counts, 'a', 2)
  add(counts, 'a', 3)
  add(counts, 'b', 0)
  expect([...counts]).toEqual([
    ['a', 5],
    ['b', 0],
  ])
})

test('what was left out for good has a line, and is counted where it was a dead letter', () => {
  const { tally } = scene()
  const lines: unknown[] = []
  const log = { error: (line: unknown) => void lines.push(line) }
  noteDropped([{ topic: 'letters', line: 'one' }, { line: 'two' }, { topic: 'letters', line: 'three' }], tally, log)
  expect(lines).toEqual(['one', 'two', 'three'])
  expect([...tally.droppedLetters]).toEqual([['letters', 2]])
})
