import type { Chunk, Sink, SinkPosition, Target } from '../../src/connectors/sink'
import { settled as allSettled, EndLine, isAway } from '../../src/engine/worker/end-line'
import { Tally } from '../../src/engine/worker/tally'
import {
  ContentError,
  FencedError,
  InDoubtError,
  SinkError,
  type StreamError,
  UnavailableError,
  UnfitError,
} from '../../src/errors'

const target = { end: { kind: 'fake' }, name: 'fake' } as Target
const chunk = (count: number): Chunk => ({ count, bytes: count })
const upTo = (next: number): SinkPosition[] => [{ topic: 't', partition: 0, next }]

/** An end that notes what it is given, and answers when it is told to. */
class FakeSink {
  readonly targets = [target]
  readonly given: string[] = []
  readonly answers: { resolve: () => void; reject: (error: Error) => void }[] = []

  write = (_task: string, _target: Target, { count }: Chunk) => this.take(`write ${count}`)
  commit = ([at]: readonly SinkPosition[]) => this.take(`commit ${at?.next}`)

  private take(what: string): Promise<void> {
    this.given.push(what)
    return new Promise((resolve, reject) => {
      this.answers.push({ resolve, reject })
    })
  }
}

function lineOf(tally?: Tally) {
  const sink = new FakeSink()
  const line = new EndLine(sink as unknown as Sink, tally)
  const settled: string[] = []
  const note = (name: string, promise: Promise<void>) => {
    promise.then(
      () => settled.push(name),
      (error: Error) => settled.push(`${name}: ${error.message}`),
    )
  }
  const write = (count: number) => note(`write ${count}`, line.write('0_0', target, chunk(count)))
  const commit = (next: number) => note(`commit ${next}`, line.commit(upTo(next)))
  return { sink, line, settled, write, commit }
}

const turn = () => new Promise(setImmediate)
/** Whether it resolves by itself, without an answer of the end. */
const resolves = (promise: Promise<void>) => Promise.race([promise.then(() => true), turn().then(() => false)])

test('a commit waits for the one before it, and what is written behind it waits until it has begun', async () => {
  const { sink, line, write, commit, settled } = lineOf()
  write(1)
  commit(1)
  write(2)
  commit(2)
  write(3)
  commit(3)
  write(4)
  expect(sink.given).toEqual(['write 1', 'commit 1', 'write 2'])
  for (const { resolve } of sink.answers) resolve()
  await turn()
  expect(sink.given.slice(3)).toEqual(['commit 2', 'write 3'])
  expect(settled).toContain('commit 1')
  expect(line.owes).toBe(true)
  for (const { resolve } of sink.answers) resolve()
  await turn()
  expect(sink.given.slice(5)).toEqual(['commit 3', 'write 4'])
  for (const { resolve } of sink.answers) resolve()
  await turn()
  expect(line.owes).toBe(false)
})

test('room is waited for, but not that of an end which is left behind', async () => {
  const { write, commit, settled } = lineOf()
  write(1)
  commit(1)
  write(2)
  await turn()
  expect(settled).toEqual([])
  commit(2)
  write(3)
  await turn()
  expect(settled).toEqual(['write 1', 'write 2', 'write 3'])
})

test('a failure is of its commit and of all behind it, once they are given up', async () => {
  const { sink, line, commit, settled } = lineOf()
  commit(1)
  commit(2)
  sink.answers[0]?.reject(new ContentError('no'))
  await turn()
  expect(settled).toEqual(['commit 1: no'])
  line.giveUp(new Error('over'))
  await turn()
  expect(settled).toEqual(['commit 1: no', 'commit 2: over'])
  expect(sink.given).toEqual(['commit 1'])
})

test('a write that fails is told at once, and is the failure of the next commit', async () => {
  const { sink, line, commit, settled } = lineOf()
  const failed: string[] = []
  await Promise.race([line.write('0_0', target, chunk(1), error => failed.push((error as Error).message)), turn()])
  sink.answers[0]?.reject(new ContentError('no'))
  await turn()
  expect(failed).toEqual(['no'])
  commit(1)
  sink.answers[1]?.resolve()
  await turn()
  expect(settled).toEqual(['commit 1: no'])
})

test.each([true, false])('an end that is away: waited for, %s', async isWaitedFor => {
  const { sink, line, commit, settled } = lineOf()
  const told: string[] = []
  line.onAway = ({ message }) => {
    told.push(message)
    return isWaitedFor
  }
  commit(1)
  commit(2)
  sink.answers[0]?.reject(new UnavailableError('away'))
  await turn()
  expect(told).toEqual(['away'])
  // Nobody waits for its room, and nothing reaches it before the next attempt.
  await line.write('0_0', target, chunk(1))
  expect(settled).toEqual(isWaitedFor ? [] : ['commit 1: away'])
  expect(sink.given).toEqual(['commit 1'])
  line.giveUp(new Error('over'))
  await turn()
  expect(settled.sort()).toEqual(['commit 1: away', 'commit 2: away'])
})

test('an end that a commit has nothing for is not asked, whatever became of it', async () => {
  const { sink, line, commit, settled } = lineOf()
  commit(1)
  sink.answers[0]?.reject(new FencedError('another worker has it'))
  await turn()
  expect(await resolves(line.commit([]))).toBe(true)
  expect(sink.given).toEqual(['commit 1'])
  expect(settled).toEqual(['commit 1: another worker has it'])
})

test('a commit with positions alone is asked for, one with writes alone too, and one with neither is not', async () => {
  const { sink, line, write, settled } = lineOf()
  write(1)
  const first = line.commit([])
  for (const { resolve } of sink.answers) resolve()
  await first
  expect(await resolves(line.commit([]))).toBe(true)
  expect(sink.given).toEqual(['write 1', 'commit undefined'])
  const second = line.commit(upTo(2))
  for (const { resolve } of sink.answers) resolve()
  await second
  expect(sink.given.slice(2)).toEqual(['commit 2'])
  expect(settled).toEqual(['write 1'])
})

test('a commit answers for what was written since the one before it, and for no more', async () => {
  const { sink, write, commit, settled } = lineOf()
  write(1)
  commit(1)
  commit(2)
  sink.answers[0]?.reject(new ContentError('no'))
  sink.answers[1]?.resolve()
  await turn()
  sink.answers[2]?.resolve()
  await turn()
  expect(settled.sort()).toEqual(['commit 1: no', 'commit 2', 'write 1'])
})

test('nothing that was given up reaches the end, and all of it gets the first reason', async () => {
  const { sink, line, write, commit, settled } = lineOf()
  commit(1)
  commit(2)
  write(3)
  commit(3)
  line.giveUp(new Error('over'))
  line.giveUp(new Error('later'))
  commit(4)
  const failed: unknown[] = []
  await line.write('0_0', target, chunk(5), error => failed.push(error))
  sink.answers[0]?.resolve()
  await turn()
  expect(settled.sort()).toEqual(['commit 1', 'commit 2: over', 'commit 3: over', 'commit 4: over', 'write 3'])
  expect(failed).toEqual([new Error('over')])
  expect(sink.given).toEqual(['commit 1'])
})

test("another owner's takeover comes before why the end is away", async () => {
  const { sink, line, commit, settled } = lineOf()
  line.onAway = () => true
  commit(1)
  sink.answers[0]?.reject(new UnavailableError('away'))
  await turn()
  line.giveUp(new FencedError('another worker has it'))
  await turn()
  expect(settled).toEqual(['commit 1: another worker has it'])
})

test('an end that nobody is told of is not waited for, and fails what is new at once', async () => {
  const { sink, line, commit, settled } = lineOf()
  commit(1)
  expect(line.outage).toBeUndefined()
  sink.answers[0]?.reject(new UnavailableError('away'))
  await turn()
  expect(settled).toEqual(['commit 1: away'])
  expect(line.outage).toEqual(new UnavailableError('away'))
  const failed: unknown[] = []
  await line.write('0_0', target, chunk(1), error => failed.push(error))
  await turn()
  expect(failed).toEqual([line.outage])
})

test('an end that is away is told of once, holds nobody up, and is given nothing though a commit of it is done', async () => {
  const { sink, line, write, commit, settled } = lineOf()
  const told: string[] = []
  line.onAway = ({ message }) => told.push(message) > 0
  write(1)
  commit(1)
  write(2)
  commit(2)
  await turn()
  sink.answers[2]?.reject(new UnavailableError('away'))
  sink.answers[0]?.reject(new UnavailableError('away, too'))
  sink.answers[1]?.resolve()
  await turn()
  expect(told).toEqual(['away'])
  expect(line.outage?.message).toBe('away')
  expect(settled.sort()).toEqual(['write 1', 'write 2'])
  expect(sink.given).toEqual(['write 1', 'commit 1', 'write 2'])
})

test('who waits for room waits no longer once the end is away', async () => {
  const { sink, line, write, settled } = lineOf()
  line.onAway = () => true
  write(1)
  write(2)
  sink.answers[1]?.reject(new UnavailableError('away'))
  await turn()
  expect(settled).toEqual(['write 1', 'write 2'])
})

test('what the end is given is counted by target, and it owes an answer until then', async () => {
  const tally = new Tally({ now: () => 0, monotonic: () => 7 })
  const { sink, line, commit } = lineOf(tally)
  void line.write('0_0', target, { count: 2, bytes: 100 })
  void line.write('0_0', target, { count: 3, bytes: 50 })
  expect([...tally.sinkRecords, ...tally.sinkBytes]).toEqual([
    ['fake', 5],
    ['fake', 150],
  ])
  expect(tally.ends.get('fake')?.owesSinceMs).toBe(7)
  commit(1)
  for (const { resolve } of sink.answers) resolve()
  await turn()
  expect(tally.ends.get('fake')?.owesSinceMs).toBeUndefined()
  expect(tally.sinkRecords.get('fake')).toBe(5)
})

test('what fails says which end it is of', async () => {
  const { sink, line } = lineOf()
  const commit = line.commit(upTo(1)).catch((error: StreamError) => error.service)
  sink.answers[0]?.reject(new SinkError('no'))
  expect([line.kind, await commit]).toEqual(['fake', 'end fake'])
})

test.each([
  [new UnavailableError('down'), true],
  [new SinkError('lost'), true],
  [new InDoubtError('timed out'), true],
  [new SinkError('contradicts', { fatal: true }), false],
  [new UnfitError('no such table'), false],
  [new ContentError('too long'), false],
  [new Error('a bug'), false],
])('an end may answer again by itself after %p: %p', (error, expected) => {
  expect(isAway(error)).toBe(expected)
})

test('of several failures another owner comes first, then the first of them, once all have settled', async () => {
  await allSettled([])
  const [one, other] = [new Error('one'), new Error('other')]
  const fenced = new FencedError('another worker has it')
  await expect(allSettled([Promise.resolve(), Promise.reject(one), Promise.reject(other)])).rejects.toBe(one)
  await expect(allSettled([Promise.reject(one), Promise.reject(fenced)])).rejects.toBe(fenced)
  const order: string[] = []
  let done = () => {}
  const slow = new Promise<void>(resolve => {
    done = resolve
  })
  const all = allSettled([Promise.reject(one), slow]).catch(() => order.push('rejected'))
  await turn()
  order.push('settled')
  done()
  await all
  expect(order).toEqual(['settled', 'rejected'])
})
