import { counted, rows, standbyScene } from '../testing/standby-scene'

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] }))
afterEach(() => jest.useRealTimers())

test('what is taken over is what was applied, and goes on from there', async () => {
  const { standbys, write, reader } = await standbyScene()
  for (let i = 0; i < 500; i++) write(counted, `k${i % 50}`, { value: i, timestamp: i })
  standbys.assign(['0_0'], [])
  await pass(200)
  expect(standbys.lags).toEqual({ '0_0': 0 })
  write(counted, 'k1', { value: -1, timestamp: 1 })
  // Queued, and not applied: it is read again by who takes the task.
  const state = standbys.take('0_0')!
  expect(state.restoredTo.get(counted.topic)).toBe(500)
  expect(state.entries).toBe(50)
  expect(reader.at.size).toBe(0)
  // A state that was at work is followed from where its last commit stood.
  standbys.keep('0_0', state)
  standbys.assign(['0_0'], [])
  await pass(100)
  expect(reader.sought).toEqual([`${counted.topic} 0`, `${counted.topic} 500`])
  expect(state.stores.get('counted')!.change('k1').value).toEqual({ value: -1, timestamp: 1 })
  await standbys.close()
})

test('a changelog whose first records were deleted is no state any more, and is not followed', async () => {
  const { standbys, write, starts, told, reader } = await standbyScene()
  for (let i = 0; i < 10; i++) write(counted, `k${i}`, { value: i, timestamp: i })
  standbys.assign(['0_0'], [])
  await pass(100)
  const state = standbys.take('0_0')!
  for (let i = 10; i < 20; i++) write(counted, `k${i}`, { value: i, timestamp: i })
  starts.set(counted.topic, 15)
  standbys.keep('0_0', state)
  standbys.assign(['0_0'], ['0_0'])
  await pass(100)
  expect(told).toEqual([
    expect.stringMatching(/standby 0_0: .* has no offset 10; following it anew from the start in 5 s/),
  ])
  expect(standbys.lags['0_0']).toBeGreaterThan(1_000_000)
  let warm = 0
  standbys.onWarm = () => warm++
  await pass(6_000)
  expect(reader.sought.at(-1)).toBe(`${counted.topic} 10`)
  expect(standbys.take('0_0')!.entries).toBe(0)
  expect(warm).toBe(0)
  await standbys.close()
})

test("a table's own topic is followed as far as its task has committed", async () => {
  const { standbys, write, committed } = await standbyScene()
  for (let i = 0; i < 10; i++) write(rows, `k${i}`, { n: i })
  committed.set('rows', 4)
  standbys.assign(['1_0'], [])
  await pass(1_500)
  const state = standbys.take('1_0')!
  expect(state.restoredTo.get('rows')).toBe(4)
  expect(state.stores.get('rows')!.size).toBe(4)
  committed.set('rows', 10)
  standbys.keep('1_0', state)
  standbys.assign(['1_0'], [])
  await pass(2_500)
  expect(state.stores.get('rows')!.size).toBe(10)
  expect(standbys.lags).toEqual({ '1_0': 0 })
  standbys.assign([], [])
  expect(standbys.lags).toEqual({})
  await standbys.close()
})
