import { UnknownTopic } from '../../src/engine/task/output-topics'
import { ReopenError } from '../../src/engine/worker/passing'
import { ContentError, FencedError, TopologyError, UnavailableError, UnfitError } from '../../src/errors'
import { generationScene, until } from '../testing/generation-scene'

afterEach(() => jest.restoreAllMocks())

const down = (service?: string) => new UnavailableError('down', service === undefined ? {} : { service })
const levels = (lines: readonly string[]) => lines.map(line => line.split(' ')[0]).filter(level => level !== 'debug')

describe('a generation', () => {
  it('opens its tasks, runs them until it ends, and releases them once', async () => {
    const { generation, run, isRunning, steps, calls, kafka, tasks, ends, reading } = generationScene()
    expect([generation.loop, generation.slots.size, generation.isOver]).toEqual([undefined, 0, false])
    const over = run()
    await until(isRunning)
    expect(steps).toEqual(['opening', 'running'])
    expect(calls).toMatchObject({ prepared: 1, opened: ['0_0 0_1'], left: 0 })
    expect(kafka.opened).toEqual([{ groupId: 'group', memberId: 'me', generationId: 1 }])
    expect([...generation.slots.keys()]).toEqual(['0_0', '0_1'])
    expect(generation.wanted.map(({ id }) => id)).toEqual(['0_0', '0_1'])
    expect(tasks.map(({ rollbacks }) => rollbacks)).toEqual([1, 1, 0, 0])
    expect(reading).toEqual([0, 1])
    expect(generation.loop?.hasFailed).toBe(false)
    generation.end()
    await over
    expect(generation.isOver).toBe(true)
    await Promise.all([generation.release(), generation.release()])
    expect(ends.map(end => [end.released, end.aborts])).toEqual([0, 1].map(() => [[['0_0', '0_1']], 1]))
    expect([kafka.closed, reading, generation.slots.size, generation.loop]).toEqual([1, [], 0, undefined])
  })

  it('that is over begins nothing', async () => {
    const { generation, run, calls } = generationScene()
    generation.end()
    await run()
    expect(calls.prepared).toBe(0)
  })

  it('that ends while its tasks are opened does not run them', async () => {
    const { generation, run, meets, steps, calls } = generationScene()
    meets.push(() => generation.end())
    await run()
    expect(steps).toEqual(['opening'])
    expect(calls.healthy).toBe(0)
  })

  it('that ends as it fails does not try again, and has not failed', async () => {
    const { generation, run, meets, steps, tally } = generationScene()
    meets.push(() => {
      generation.end()
      throw new TopologyError('a bug')
    })
    await run()
    expect([steps, tally.rollbacks]).toEqual([['opening'], 0])
  })

  it('commits what was begun when it is drained', async () => {
    const { generation, run, isRunning, tasks, kafka } = generationScene()
    const over = run()
    await until(isRunning)
    tasks[1]!.isDirty = true
    await generation.drain()
    await over
    expect([kafka.commits, tasks[1]!.seals, generation.isOver]).toEqual([1, 1, true])
  })

  it('ends a pause with itself', async () => {
    const { generation, pauses } = generationScene()
    const paused = generation.pause(1_000)
    expect(pauses.asked).toEqual([1_000])
    generation.end()
    await paused
  })
})

describe('an attempt that fails', () => {
  it('is made again after pauses that grow, and begin anew with a commit', async () => {
    const { generation, run, isRunning, meets, steps, tally, outages, parts, pauses, commit } = generationScene()
    meets.push(...Array.from({ length: 8 }, () => down('end table')))
    void run()
    await until(() => pauses.asked.length === 1)
    await pauses.pass(8)
    await until(isRunning)
    expect(pauses.asked).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(steps.slice(0, 5)).toEqual(['opening', 'waiting', 'opening', 'waiting', 'opening'])
    expect(tally.rollbacks).toBe(8)
    expect(outages).toEqual({ lost: Array.from({ length: 8 }, () => ['end table', down('end table')]), back: [] })
    expect([...parts.missed]).toEqual(['end table'])
    await commit()
    expect(outages.back).toEqual(['end table'])
    expect(parts.missed.size).toBe(0)
    generation.loop?.fail(down())
    await until(() => pauses.asked.length > 8)
    expect(pauses.asked[8]).toBe(100)
    expect(outages.lost.at(-1)).toEqual(['Kafka', down()])
    generation.end()
  })

  it.each([
    ['a record is searched for', new ContentError('too long')],
    ['a topic is looked for', new UnknownTopic('out')],
    ['its tasks have to be opened anew', new ReopenError('more partitions')],
  ])('is made again at once where %s, which is no outage', async (_, error) => {
    const { generation, run, meets, pauses, outages, isRunning } = generationScene()
    meets.push(down(), error, down())
    void run()
    await until(() => pauses.asked.length === 1)
    await pauses.pass(3)
    await until(isRunning)
    expect(pauses.asked).toEqual([100, 0, 100])
    expect(outages.lost).toHaveLength(2)
    generation.end()
  })

  it('gives back what it held before the next one takes it', async () => {
    const { generation, run, isRunning, kafka, ends, reading, tasks, pauses, life } = generationScene()
    void run()
    await until(isRunning)
    generation.loop?.fail(down())
    await until(() => pauses.asked.length === 1)
    expect(life.now).toMatchObject({ state: 'waiting', error: down() })
    expect([kafka.closed, reading, generation.slots.size]).toEqual([1, [], 0])
    expect(ends.map(({ aborts, released }) => [aborts, released])).toEqual([0, 1].map(() => [1, []]))
    await pauses.pass()
    await until(isRunning)
    expect(kafka.opened).toHaveLength(2)
    expect(tasks[0]!.rollbacks).toBe(2)
    generation.end()
  })

  it.each([new FencedError('another worker has them'), new TopologyError('a bug')])(
    'ends the generation where another one can not help: %p',
    async error => {
      const { run, meets, tally, steps } = generationScene()
      meets.push(error)
      await expect(run()).rejects.toBe(error)
      expect([tally.rollbacks, steps]).toEqual([0, ['opening']])
    },
  )

  it('says what has to be mended once, until it is something else or was mended', async () => {
    const { generation, run, isRunning, meets, pauses, lines, outages, commit } = generationScene()
    const [one, other] = [new UnfitError('no table'), new UnfitError('no right')]
    meets.push(one, one, other, other, one)
    void run()
    await until(() => pauses.asked.length === 1)
    await pauses.pass(5)
    await until(isRunning)
    expect(levels(lines)).toEqual(['warn', 'warn', 'warn'])
    await commit()
    generation.loop?.fail(one)
    await until(() => pauses.asked.length === 6)
    expect(levels(lines)).toHaveLength(4)
    expect(outages.lost).toEqual([])
    generation.end()
  })

  it('says once what it failed for where nobody knows why', async () => {
    const { generation, run, isRunning, meets, pauses, lines, outages } = generationScene()
    meets.push(new Error('odd'), new Error('odd'))
    void run()
    await until(() => pauses.asked.length === 1)
    await pauses.pass(2)
    await until(isRunning)
    expect(levels(lines)).toEqual(['error'])
    expect(outages.lost).toEqual([])
    generation.end()
  })
})

describe('a search for what an end refuses', () => {
  const refusal = new ContentError('too long')

  /** A generation at work. */
  async function atWork() {
    const made = generationScene()
    const { run, isRunning, tasks, kafka, clock, pauses } = made
    const over = run()
    await until(isRunning)
    /** The next commit has something of these tasks, and is refused. */
    const refused = async (...ids: number[]) => {
      for (const id of ids) tasks[id]!.isDirty = true
      kafka.refusal.push(refusal)
      clock.ms += 10
      const before = pauses.asked.length
      await until(() => pauses.asked.length > before)
      await pauses.pass()
      await until(isRunning)
    }
    return { ...made, refused, over }
  }

  it('is of the tasks whose commit was refused, and is said once for each', async () => {
    const { generation, refused, tasks, lines, pauses, commit } = await atWork()
    expect(generation.isSearched('0_0')).toBe(false)
    await refused(0)
    expect(levels(lines)).toEqual(['warn'])
    expect(['0_0', '0_1'].map(id => generation.isSearched(id))).toEqual([true, false])
    expect(tasks.slice(0, 2).map(({ verdicts }) => verdicts)).toEqual([
      [undefined, expect.any(Object)],
      [undefined, undefined],
    ])
    // Nothing to commit ends no search.
    await commit()
    await refused(0)
    expect(levels(lines)).toEqual(['warn'])
    expect(pauses.asked).toEqual([0, 0])
    tasks[0]!.isDirty = true
    await commit()
    expect(generation.isSearched('0_0')).toBe(false)
    await refused(0)
    expect(levels(lines)).toEqual(['warn', 'warn'])
    generation.end()
  })

  it('begins its trials anew where an attempt has failed for another reason', async () => {
    const { generation, refused, tasks, isRunning, pauses, kafka } = await atWork()
    const [task] = tasks
    Object.assign(task!, { records: 1, results: 1 })
    await refused(0)
    await refused(0)
    expect(task!.verdicts.at(-1)?.leftOut).toEqual({ results: refusal })
    generation.loop?.fail(down())
    await until(() => pauses.asked.length === 3)
    await pauses.pass()
    await until(isRunning)
    expect(kafka.opened).toHaveLength(4)
    expect(task!.verdicts.at(-1)?.leftOut).toEqual({})
    generation.end()
  })
})
