import type { Chunk, Sink, SinkPosition, Target } from '../../src/connectors/sink'
import { EndLine } from '../../src/engine/worker/end-line'
import { ContentError, FencedError, UnavailableError } from '../../src/errors'

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

function lineOf() {
  const sink = new FakeSink()
  const line = new EndLine(sink as unknown as Sink, undefined)
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
  await line.commit([])
  expect(sink.given).toEqual(['commit 1'])
  expect(settled).toEqual(['commit 1: another worker has it'])
})
