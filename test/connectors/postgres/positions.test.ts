import { Positions } from '../../../src/connectors/postgres/positions'
import type { SinkTask } from '../../../src/connectors/sink'
import { FencedError, SinkError } from '../../../src/errors'
import { APostgres } from './a-postgres'

const scope = { application: "it's", clusterId: 'c1' }
const task = (partition: number, more: Partial<SinkTask> = {}): SinkTask => ({
  ...{ task: `0_${partition}`, topic: 'in', topicId: 'id1', partition },
  ...{ offset: 0, endOffset: 1_000, ...more },
})
const at = (partition: number, next: number) => ({ topic: 'in', partition, next })

/** A worker that has taken over partitions of `in`. */
async function owner(postgres: APostgres, tasks: readonly SinkTask[]): Promise<Positions> {
  const positions = new Positions(scope)
  positions.own(await positions.take(postgres.client, tasks))
  return positions
}

/** What a call throws. */
const thrown = (call: Promise<unknown>): Promise<SinkError> =>
  call.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: SinkError) => error,
  )

describe('taking over positions', () => {
  it('starts at the committed offset without a row, and afterwards where the tables are', async () => {
    const postgres = new APostgres()
    const first = new Positions(scope)
    const taken = await first.take(postgres.client, [task(0, { offset: 5 }), task(1)])
    expect(taken).toMatchObject({ next: [5, 0], madeAgain: [] })
    first.own(taken)
    await first.move(postgres.client, [at(0, 9)])
    const again = await new Positions(scope).take(postgres.client, [task(1), task(0, { offset: 5 })])
    expect(again.next).toEqual([0, 9])
  })

  it('starts anew, and says so once a topic, where the topic is no longer the one that the position is of', async () => {
    const postgres = new APostgres()
    await owner(postgres, [task(0, { offset: 70 }), task(1, { offset: 80 })])
    const taken = await new Positions(scope).take(postgres.client, [
      task(0, { topicId: 'id2' }),
      task(1, { topicId: 'id2' }),
    ])
    expect(taken).toMatchObject({ next: [0, 0], madeAgain: ['in'] })
  })

  it('refuses a position behind the committed offset or past the end of the topic, and says how to go on', async () => {
    const postgres = new APostgres()
    await owner(postgres, [task(0, { offset: 50 })])
    const takes = (more: Partial<SinkTask>) => new Positions(scope).take(postgres.client, [task(0, more)])
    await expect(takes({ offset: 50 })).resolves.toMatchObject({ next: [50] })
    await expect(takes({ endOffset: 50 })).resolves.toMatchObject({ next: [50] })
    const behind = await thrown(takes({ offset: 51 }))
    expect(behind).toMatchObject({ fatal: true, task: '0_0', position: { topic: 'in', partition: 0, offset: 51 } })
    expect(behind.message).toContain('position 50 of in[0] is behind the committed offset 51')
    expect(behind.message).toContain(
      "WHERE application = 'it''s' AND cluster_id = 'c1' AND topic = 'in' AND partition = 0",
    )
    expect((await thrown(takes({ endOffset: 49 }))).message).toContain("is past the topic's end 49")
  })

  it('is not done without an answer for each partition', async () => {
    const silent = { query: async () => ({ rows: [] }) } as unknown as APostgres['client']
    const error = await thrown(new Positions(scope).take(silent, [task(0)]))
    expect(error).toBeInstanceOf(SinkError)
    expect(error.message).toContain('in[0]')
  })

  it('owns only from the COMMIT on, and until it is released', async () => {
    const postgres = new APostgres()
    const positions = new Positions(scope)
    const taken = await positions.take(postgres.client, [task(0), task(1)])
    expect(positions.has('0_0')).toBe(false)
    positions.own(taken)
    positions.release(['0_0'])
    expect(['0_0', '0_1'].map(each => positions.has(each))).toEqual([false, true])
  })
})

describe('moving positions', () => {
  it('goes on from where the last commit has left them', async () => {
    const postgres = new APostgres()
    const positions = await owner(postgres, [task(0), task(1, { offset: 3 })])
    for (const next of [
      [10, 4],
      [12, 4],
      [20, 9],
    ] as const) {
      const moved = [at(0, next[0]), at(1, next[1])]
      await positions.move(postgres.client, moved)
      positions.moved(moved)
    }
    expect(postgres.positions.map(({ next, epoch }) => [next, epoch])).toEqual([
      [20, 1],
      [9, 1],
    ])
  })

  it('never go back, where the tables are ahead of the commit', async () => {
    const postgres = new APostgres()
    const positions = await owner(postgres, [task(0, { offset: 40 })])
    await positions.move(postgres.client, [at(0, 30)])
    positions.moved([at(0, 30)])
    await positions.move(postgres.client, [at(0, 35)])
    expect(postgres.positions[0]?.next).toBe(40)
  })

  it('stays where it was until the COMMIT', async () => {
    const postgres = new APostgres()
    const positions = await owner(postgres, [task(0)])
    await positions.move(postgres.client, [at(0, 10)])
    // Rolled back.
    Object.assign(postgres.positions[0]!, { next: 0 })
    await positions.move(postgres.client, [at(0, 7)])
    expect(postgres.positions[0]?.next).toBe(7)
  })

  it('is fenced by a higher epoch, and names the partitions that are lost', async () => {
    const postgres = new APostgres()
    const former = await owner(postgres, [task(0), task(1), task(2)])
    await owner(postgres, [task(1)])
    const error = await thrown(former.move(postgres.client, [at(0, 5), at(1, 5), at(2, 5)]))
    expect(error).toBeInstanceOf(FencedError)
    expect(error.message).toContain('in[1]:')
    expect(error.message).not.toMatch(/in\[[02]\]/)
  })

  it("tells somebody else's change from a takeover: a row that is gone or moved is taken over again", async () => {
    const postgres = new APostgres()
    const positions = await owner(postgres, [task(0), task(1), task(2)])
    Object.assign(postgres.positions[1]!, { next: 77 })
    postgres.positions.pop()
    const error = await thrown(positions.move(postgres.client, [at(0, 5), at(1, 5), at(2, 5)]))
    expect(error).not.toBeInstanceOf(FencedError)
    expect(error).toMatchObject({ fatal: false })
    expect(error.message).toContain('in[1] is 77, this worker left it at 0; in[2] is gone, this worker left it at 0')
    expect(error.message).not.toContain('in[0]')
  })

  it('is a mistake of the engine for a partition that was not opened, or no longer is', async () => {
    const postgres = new APostgres()
    const positions = await owner(postgres, [task(0)])
    expect(await thrown(positions.move(postgres.client, [at(1, 5)]))).toMatchObject({ fatal: true })
    positions.release(['0_0'])
    expect(await thrown(positions.move(postgres.client, [at(0, 5)]))).toMatchObject({ fatal: true })
    expect(() => positions.moved([at(0, 5)])).not.toThrow()
  })
})
