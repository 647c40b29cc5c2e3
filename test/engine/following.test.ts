import type { TaskState } from '../../src/engine/task/task-state'
import { counted, kept, others, rows, standbyScene } from '../testing/standby-scene'

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)
const value = { value: 1, timestamp: 1 }
const away = new Error('nobody there')

beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] }))
afterEach(() => jest.useRealTimers())

/** The state of a task that has been followed. */
async function stateOf({ standbys }: Awaited<ReturnType<typeof standbyScene>>, id: string): Promise<TaskState> {
  standbys.assign([id], [])
  await pass(50)
  return standbys.take(id)!
}

describe('the state of a task that has left', () => {
  it('is given back once, to who takes the task over', async () => {
    const scene = await standbyScene()
    const state = await stateOf(scene, '0_0')
    scene.standbys.keep('0_0', state)
    expect([scene.standbys.take('0_0'), scene.standbys.take('0_0')]).toEqual([state, undefined])
    expect(scene.standbys.lags).toEqual({})
  })

  it('is followed where the next assignment says so, and released where it doesn’t', async () => {
    const scene = await standbyScene()
    const { standbys, copies } = scene
    const [memory, disk] = [await stateOf(scene, '0_0'), await stateOf(scene, '2_0')]
    standbys.keep('0_0', memory)
    standbys.keep('2_0', disk)
    standbys.assign(['0_0'], [])
    expect([standbys.take('2_0'), copies[0]!.copy.released]).toEqual([undefined, 1])
    expect(standbys.take('0_0')).toBe(memory)
    standbys.assign([], [])
    expect(copies[0]!.copy.released).toBe(1)
  })

  it('keeps its copy while it is followed', async () => {
    const scene = await standbyScene()
    const { standbys, copies } = scene
    standbys.keep('2_0', await stateOf(scene, '2_0'))
    standbys.assign(['2_0'], [])
    expect(copies[0]!.copy.released).toBe(0)
    standbys.assign(['2_0'], [])
    expect(copies[0]!.copy.released).toBe(0)
  })

  it('is not used where another process has taken its copy over', async () => {
    const scene = await standbyScene()
    const { standbys, copies } = scene
    const state = await stateOf(scene, '2_0')
    copies[0]!.copy.isOurs = false
    standbys.keep('2_0', state)
    standbys.assign(['2_0'], [])
    expect(standbys.take('2_0')).not.toBe(state)
  })
})

describe('tasks that are followed', () => {
  it('are those that were assigned last: what of others is here is released', async () => {
    const { standbys, copies, reader } = await standbyScene()
    standbys.assign(['0_0', '2_0'], [])
    await pass(50)
    expect(Object.keys(standbys.lags)).toEqual(['0_0', '2_0'])
    expect(copies[0]!.copy.released).toBe(0)
    standbys.assign(['0_0'], [])
    expect([Object.keys(standbys.lags), copies[0]!.copy.released, [...reader.at.keys()]]).toEqual([
      ['0_0'],
      1,
      [counted.topic],
    ])
    // The one that stays was not begun anew.
    await pass(50)
    expect(reader.sought).toEqual([`${counted.topic} 0`, `${kept.topic} 0`])
  })

  it('need nothing here while another process of this machine keeps the copy', async () => {
    const { standbys, copies, heldElsewhere } = await standbyScene()
    heldElsewhere.add(1)
    standbys.assign(['2_1', '0_1'], [])
    expect([standbys.lags['2_1'], copies, standbys.take('2_1')]).toEqual([0, [], undefined])
    standbys.assign([], [])
    expect(standbys.lags).toEqual({})
  })

  it.each([5, 9])('take turns, a slice of ten ms each while there is more (%i ms a batch)', async ms => {
    const { standbys, write, clock } = await standbyScene()
    for (let i = 0; i < 6; i++) for (const partition of [0, 1]) write({ ...counted, partition }, `k${i}`, value)
    let now = 0
    clock.monotonic = () => (now += ms)
    standbys.assign(['0_0', '0_1'], [])
    await pass(19)
    expect(standbys.lags).toEqual({ '0_0': 6, '0_1': 6 })
    await pass(1)
    expect(standbys.lags).toEqual({ '0_0': 5, '0_1': 6 })
    await pass(20)
    expect(standbys.lags).toEqual({ '0_0': 5, '0_1': 5 })
    await pass(10 * 20)
    expect(standbys.lags).toEqual({ '0_0': 0, '0_1': 0 })
    await standbys.close()
  })

  it('that have nothing waiting do not keep one that has from its turns', async () => {
    const { standbys, write } = await standbyScene()
    standbys.assign(['0_0', '0_1', '0_2'], [])
    await pass(50)
    for (let i = 0; i < 20; i++) write({ ...counted, partition: 1 }, `k${i}`, value)
    standbys.assign(['0_0', '0_1', '0_2'], ['0_1'])
    await pass(20)
    expect(standbys.lags).toEqual({ '0_0': 0, '0_1': 0, '0_2': 0 })
    await standbys.close()
  })

  it('lack as much as can’t be said where the end of a log isn’t known', async () => {
    const { standbys, write } = await standbyScene()
    write(counted, 'a', value)
    standbys.assign(['0_0'], [])
    expect(standbys.lags).toEqual({ '0_0': Number.MAX_SAFE_INTEGER })
    await pass(0)
    expect(standbys.lags).toEqual({ '0_0': 1 })
    await standbys.close()
  })

  it('lack nothing where their state is ahead of what is known of their task', async () => {
    const scene = await standbyScene()
    const { standbys, write } = scene
    for (let i = 0; i < 5; i++) write(rows, `k${i}`, { n: i })
    const state = await stateOf(scene, '1_0')
    state.restoredTo.set('rows', 3)
    standbys.keep('1_0', state)
    standbys.assign(['1_0'], [])
    await pass(50)
    expect(standbys.lags).toEqual({ '1_0': 0 })
    await standbys.close()
  })

  it('are not read for any more once they were taken, or all is closed, while their start was asked for', async () => {
    const { standbys, reader } = await standbyScene()
    standbys.assign(['0_0', '0_1'], [])
    standbys.take('0_0')
    await pass(50)
    expect(reader.sought).toEqual([`${counted.topic}/1 0`])
    standbys.assign(['0_2'], [])
    await standbys.close()
    await pass(50)
    expect(reader.sought).toHaveLength(1)
  })

  it('begin with what a log begins with; a changelog’s first records may not be gone, a source topic’s may', async () => {
    const { standbys, starts, reader, told } = await standbyScene()
    starts.set(counted.topic, 1)
    starts.set('rows', 3)
    standbys.assign(['0_0', '1_0'], [])
    await pass(50)
    expect([reader.sought, told]).toEqual([['rows 3'], []])
    expect(standbys.lags['0_0']).toBe(Number.MAX_SAFE_INTEGER)
    await standbys.close()
  })
})

describe('states that are to be complete', () => {
  it('are so once all of them lack no more than 10,000 records, which is said once', async () => {
    const { standbys, write, reader } = await standbyScene()
    for (let i = 0; i < 10_002; i++) write(counted, 'a', value)
    let warm = 0
    standbys.onWarm = () => warm++
    const { peek } = reader
    let left = 1
    reader.peek = at => (left > 0 ? peek.call(reader, at) : undefined)
    const take = reader.take.bind(reader)
    reader.take = at => {
      const batch = take(at)
      left--
      return batch
    }
    standbys.assign(['0_0', '0_1'], ['0_1', '0_0'])
    await pass(100)
    expect([standbys.lags, warm]).toEqual([{ '0_0': 10_001, '0_1': 0 }, 0])
    left = 1
    reader.wake()
    await pass(50)
    expect([standbys.lags['0_0'], warm]).toEqual([10_000, 1])
    reader.wake()
    await pass(50)
    expect(warm).toBe(1)
    await standbys.close()
  })

  it('are so at once where nothing is followed for them any more, and nobody asks where none are', async () => {
    const { standbys } = await standbyScene()
    let warm = 0
    standbys.onWarm = () => warm++
    standbys.assign(['0_0'], [])
    await pass(50)
    expect(warm).toBe(0)
    standbys.assign([], ['0_0'])
    await pass(50)
    expect(warm).toBe(1)
    await standbys.close()
  })
})

describe('a table’s own topic', () => {
  it('has its committed offset asked for each second, and no other topic has', async () => {
    const { standbys, asked, committed, write, broker } = await standbyScene()
    for (let i = 0; i < 5; i++) write(rows, `k${i}`, { n: i })
    standbys.assign(['0_0', '1_0'], [])
    await pass(999)
    expect(asked).toEqual([])
    await pass(1)
    expect(asked).toEqual([[rows]])
    const { committedOffsets } = broker
    broker.committedOffsets = () => Promise.reject(away)
    await pass(1_000)
    broker.committedOffsets = committedOffsets
    committed.set('rows', 5)
    await pass(1_050)
    expect(asked).toHaveLength(2)
    const state = standbys.take('1_0')!
    expect(state.restoredTo.get('rows')).toBe(5)
    // With nothing to ask for nobody asks.
    await pass(1_000)
    const { length } = asked
    await pass(10_000)
    expect(asked).toHaveLength(length)
    await standbys.close()
  })

  it('is asked for where its task has a changelog beside it, too', async () => {
    const { standbys, asked } = await standbyScene()
    standbys.assign(['3_0'], [])
    await pass(1_000)
    expect(asked).toEqual([[others]])
    await standbys.close()
  })

  it('is the only thing that is asked for', async () => {
    const { standbys, asked } = await standbyScene()
    standbys.assign(['0_0'], [])
    await pass(3_000)
    expect(asked).toEqual([])
    await standbys.close()
  })

  it('waits for a writer’s schema, with each turn, and is applied then', async () => {
    const scene = await standbyScene()
    const { standbys, committed, write } = scene
    write(rows, 'a', { n: 1 })
    committed.set('rows', 1)
    standbys.assign(['1_0'], [])
    const state = standbys.take('1_0')!
    let loads = 0
    const load = async () => {
      if (++loads < 3) throw away
    }
    const { restoreSource } = state
    state.restoreSource = (topic, batch) => (loads < 3 ? { id: 7, load } : restoreSource.call(state, topic, batch))
    standbys.keep('1_0', state)
    standbys.assign(['1_0'], [])
    await pass(1_030)
    expect([loads, state.restoredTo.get('rows')]).toEqual([1, undefined])
    await pass(3_000)
    expect([loads, state.restoredTo.get('rows'), state.stores.get('rows')!.size]).toEqual([3, 1, 1])
    await standbys.close()
  })

  it('asks for a schema once while that is on its way', async () => {
    const { standbys, committed, write } = await standbyScene()
    write(rows, 'a', { n: 1 })
    committed.set('rows', 1)
    standbys.assign(['1_0'], [])
    const state = standbys.take('1_0')!
    let loads = 0
    const load = () => {
      loads++
      return new Promise<void>(() => {})
    }
    state.restoreSource = () => ({ id: 7, load })
    standbys.keep('1_0', state)
    standbys.assign(['1_0'], [])
    await pass(5_000)
    expect(loads).toBe(1)
    await standbys.close()
  })
})
