import { UnavailableError } from '../../src/errors'
import { generationScene, until } from '../testing/generation-scene'

afterEach(() => jest.restoreAllMocks())

const down = () => new UnavailableError('down')
const turns = async (n = 20) => {
  for (let i = 0; i < n; i++) await new Promise(setImmediate)
}

/** A generation whose tasks are at work. */
async function atWork(...partitions: number[]) {
  const made = generationScene(partitions)
  const over = made.run()
  await until(made.isRunning)
  return { ...made, over }
}

/** One whose attempt has failed while the group rebalances, in the pause after it. */
async function failedWhileHeld() {
  const made = await atWork(0, 1)
  expect(await made.generation.hold()).toBe(true)
  made.generation.loop?.fail(down())
  await until(() => made.pauses.asked.length === 1)
  return made
}

describe('while the group rebalances', () => {
  it('nothing is committed, until it is known what stays', async () => {
    const { generation, next, tasks, kafka, clock, commit } = await atWork(0, 1)
    expect(generation.isHeld).toBe(false)
    expect(await generation.hold()).toBe(true)
    expect(generation.isHeld).toBe(true)
    tasks[0]!.isDirty = true
    clock.ms += 10
    generation.loop?.wake()
    await turns()
    expect(kafka.commits).toBe(0)
    generation.change(next(0, 1))
    await until(() => !generation.isHeld)
    await commit()
    expect(kafka.commits).toBe(1)
    generation.end()
  })

  it('tasks that are not at work have to be given up', async () => {
    const { generation, run, isRunning } = generationScene()
    expect(await generation.hold()).toBe(false)
    void run()
    await until(isRunning)
    generation.loop?.fail(down())
    expect(await generation.hold()).toBe(false)
    expect(generation.isHeld).toBe(false)
    generation.end()
    expect(await generation.hold()).toBe(false)
  })

  it('a generation that is over goes on with nothing', async () => {
    const { generation, over } = await atWork(0)
    generation.end()
    expect(await generation.hold()).toBe(false)
    expect(generation.isHeld).toBe(false)
    await over
  })

  it('nothing is opened anew', async () => {
    const { generation, next, calls, pauses, isRunning } = await failedWhileHeld()
    await pauses.pass()
    await turns()
    expect([calls.prepared, generation.isHeld]).toEqual([1, true])
    generation.change(next(0, 1))
    expect(generation.isHeld).toBe(false)
    await until(isRunning)
    expect(calls.prepared).toBe(2)
    generation.end()
  })

  it('the generation may end', async () => {
    const { generation, pauses, over } = await failedWhileHeld()
    await pauses.pass()
    generation.end()
    await over
    expect(generation.isHeld).toBe(false)
  })
})

describe('the next generation of the group', () => {
  it('goes on with what stays, lets go of what goes, and takes what comes', async () => {
    const { generation, next, ends, calls, kafka, tasks, life, reading, tally } = await atWork(0, 1)
    const { loop } = generation
    await generation.hold()
    generation.change(next(1, 2))
    await until(() => calls.opened.length === 2)
    expect(calls).toMatchObject({ opened: ['0_0 0_1', '0_1 0_2'], left: 1, prepared: 2 })
    expect(ends.map(({ released }) => released)).toEqual([[['0_0']], [['0_0']]])
    expect([kafka.opened.length, kafka.renewed]).toEqual([1, [{ groupId: 'group', memberId: 'me', generationId: 2 }]])
    expect(tasks.map(({ verdicts, rollbacks }) => [verdicts.length, rollbacks])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    expect(generation.wanted.map(({ id }) => id)).toEqual(['0_1', '0_2'])
    expect(reading).toEqual([1, 2])
    expect([generation.loop, life.now.state, tally.rollbacks]).toEqual([loop, 'running', 0])
    // What has gone was released then.
    generation.end()
    await generation.release()
    expect(ends[0]!.released.slice(1)).toEqual([['0_1', '0_2']])
  })

  it('may have nothing for it', async () => {
    const { generation, next, ends, calls } = await atWork(0, 1)
    await generation.hold()
    generation.change(next())
    await until(() => calls.opened.length === 2)
    expect([ends[0]!.released, calls.left, generation.slots.size]).toEqual([[['0_0', '0_1']], 1, 0])
    generation.end()
  })

  it('that fails to come about is a new attempt at all of its tasks', async () => {
    const { generation, next, meets, pauses, isRunning, kafka, calls, life } = await atWork(0, 1)
    await generation.hold()
    meets.push(down())
    generation.change(next(0, 1, 2))
    await until(() => pauses.asked.length === 1)
    expect([generation.isHeld, life.now.state]).toEqual([false, 'waiting'])
    await pauses.pass()
    await until(isRunning)
    expect(kafka.opened.map(({ generationId }) => generationId)).toEqual([1, 2])
    expect(calls.opened).toEqual(['0_0 0_1', '0_0 0_1 0_2'])
    expect(calls.left).toBe(0)
    generation.end()
  })

  it('lets go of what goes before the tasks are opened again, where they are not at work', async () => {
    const { generation, next, ends, calls, pauses, isRunning } = await failedWhileHeld()
    generation.change(next(1))
    await turns()
    expect([ends[0]!.released, calls.left]).toEqual([[], 0])
    await pauses.pass()
    await until(isRunning)
    expect(ends.map(({ released }) => released)).toEqual([[['0_0']], [['0_0']]])
    expect(calls).toMatchObject({ left: 1, opened: ['0_0 0_1', '0_1'] })
    generation.end()
  })

  it('that gives a task back before it was let go of takes nothing from the ends', async () => {
    const { generation, next, ends, calls, pauses, isRunning } = await failedWhileHeld()
    generation.change(next(1))
    generation.change(next(0, 1))
    await pauses.pass()
    await until(isRunning)
    expect([ends[0]!.released, calls.left]).toEqual([[], 0])
    generation.end()
  })

  it('leaves it to the release to let go of what goes, where the worker stops', async () => {
    const { generation, next, ends, calls, over } = await failedWhileHeld()
    generation.change(next(1))
    generation.end()
    await over
    await generation.release()
    expect(ends.map(({ released }) => released)).toEqual([[['0_1', '0_0']], [['0_1', '0_0']]])
    expect(calls.left).toBe(0)
  })

  it('that is followed by another one before its tasks are here takes none of them', async () => {
    const { generation, next, meets, calls, kafka } = await atWork(0)
    await generation.hold()
    let prepared = () => {}
    const preparing = new Promise<void>(resolve => {
      prepared = resolve
    })
    meets.push(() => preparing)
    generation.change(next(0, 1))
    const held = generation.hold()
    prepared()
    expect(await held).toBe(true)
    expect(calls.opened).toEqual(['0_0'])
    generation.change(next(0, 2))
    await until(() => calls.opened.length === 2)
    expect(calls.opened).toEqual(['0_0', '0_0 0_2'])
    expect(kafka.renewed.map(({ generationId }) => generationId)).toEqual([2, 3])
    generation.end()
  })

  it('is none for tasks whose loop has failed: they are opened anew', async () => {
    const { generation, next, kafka, calls, pauses, isRunning } = await atWork(0, 1)
    await generation.hold()
    generation.loop?.fail(down())
    generation.change(next(0))
    expect(generation.isHeld).toBe(false)
    await until(() => pauses.asked.length === 1)
    await pauses.pass()
    await until(isRunning)
    expect([kafka.renewed, calls.opened]).toEqual([[], ['0_0 0_1', '0_0']])
    generation.end()
  })

  it('is over before what a failed attempt holds is given back', async () => {
    const { generation, next, meets, kafka, pauses } = await atWork(0)
    await generation.hold()
    let prepared = () => {}
    const preparing = new Promise<void>(resolve => {
      prepared = resolve
    })
    meets.push(() => preparing)
    generation.change(next(0))
    generation.loop?.fail(down())
    await turns()
    expect([kafka.closed, pauses.asked]).toEqual([0, []])
    prepared()
    await until(() => pauses.asked.length === 1)
    expect(kafka.closed).toBe(1)
    generation.end()
  })

  it('is waited for by who drains the tasks', async () => {
    const { generation, next, meets, tasks, over } = await atWork(0)
    await generation.hold()
    let prepared = () => {}
    const preparing = new Promise<void>(resolve => {
      prepared = resolve
    })
    meets.push(() => preparing)
    tasks[0]!.isDirty = true
    generation.change(next(0))
    let isDrained = false
    const drained = generation.drain().then(() => {
      isDrained = true
    })
    await turns()
    expect([isDrained, tasks[0]!.seals]).toEqual([false, 0])
    prepared()
    await Promise.all([drained, over])
    expect(tasks[0]!.seals).toBe(1)
  })

  it('is not waited for any more by who drains the tasks meanwhile', async () => {
    const { generation, tasks, over } = await atWork(0)
    await generation.hold()
    tasks[0]!.isDirty = true
    const drained = generation.drain()
    // What comes now would be beside the last commit.
    expect(generation.isHeld).toBe(false)
    await Promise.all([drained, over])
    expect(tasks[0]!.seals).toBe(1)
  })
})

describe('retained values that an end has lost', () => {
  it('are written again at once where the task is at work', async () => {
    const { generation, tasks } = await atWork(0, 1)
    const wake = jest.spyOn(generation.loop!, 'wake')
    generation.forgot('0_1', 'queue')
    expect(wake).toHaveBeenCalled()
    expect(tasks.map(({ retained }) => retained)).toEqual([[], ['queue'], [], []])
    generation.end()
  })

  it('are written again as soon as the task is open, once for each end, whichever way it comes', async () => {
    const { generation, run, isRunning, tasks, next, calls, pauses } = generationScene([0])
    for (const kind of ['table', 'queue', 'table']) generation.forgot('0_0', kind)
    generation.forgot('0_2', 'table')
    void run()
    await until(isRunning)
    expect(tasks.map(({ retained }) => retained)).toEqual([['table', 'queue'], [], [], []])
    await generation.hold()
    generation.change(next(0, 2))
    await until(() => calls.opened.length === 2)
    expect(tasks[2]!.retained).toEqual(['table'])
    generation.loop?.fail(down())
    await until(() => pauses.asked.length === 1)
    await pauses.pass()
    await until(isRunning)
    expect(tasks.map(({ retained }) => retained.length)).toEqual([2, 0, 1, 0])
    generation.end()
  })
})
