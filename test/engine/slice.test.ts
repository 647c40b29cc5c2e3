import { Slice } from '../../src/engine/worker/loop/slice'

/** A clock that only work moves, and a task whose records cost what is said. */
function scene(costOf: (record: number) => { ms?: number; bytes?: number }, records = Number.POSITIVE_INFINITY) {
  let now = 0
  let looks = 0
  const task = {
    done: 0,
    gatheredBytes: 0,
    process(max: number): number {
      const upTo = Math.min(this.done + max, records)
      const processed = upTo - this.done
      for (; this.done < upTo; this.done++) {
        const { ms = 0, bytes = 0 } = costOf(this.done)
        now += ms
        this.gatheredBytes += bytes
      }
      return processed
    },
  }
  const clock = {
    monotonic: () => {
      looks++
      return now
    },
  }
  const slice = new Slice(clock)
  return { task, run: (room = Number.POSITIVE_INFINITY) => slice.run(task, room), took: () => now, looks: () => looks }
}

test('a turn ends after 5 ms, whatever a record costs', () => {
  for (const ms of [0.003, 0.1, 1, 2]) {
    const { run, took } = scene(() => ({ ms }))
    for (let turn = 0; turn < 20; turn++) {
      const before = took()
      run()
      // Beyond the limit by what lies between two looks, at most.
      expect(took() - before).toBeGreaterThanOrEqual(5)
      expect(took() - before).toBeLessThan(5 + Math.max(1, 2 * ms))
    }
  }
})

test('a record that takes longer than a turn is the only one of its turn', () => {
  const { run } = scene(() => ({ ms: 50 }))
  for (let turn = 0; turn < 5; turn++) expect(run()).toBe(1)
})

test('records that become slow are found within one turn', () => {
  const { run, task } = scene(record => ({ ms: record < 10_000 ? 0.003 : 20 }))
  while (task.done < 10_000) run()
  for (let turn = 0; turn < 8; turn++) run()
  expect(run()).toBe(1)
})

test('what a turn gathers has a bound', () => {
  const { run, task } = scene(() => ({ bytes: 20_000 }))
  for (let turn = 0; turn < 20; turn++) {
    const before = task.gatheredBytes
    run()
    expect(task.gatheredBytes - before).toBeLessThan(2 * 1024 * 1024)
  }
})

test('the clock is asked about each 64 records where they are cheap', () => {
  const { run, task, looks } = scene(() => ({ ms: 0.003 }))
  for (let turn = 0; turn < 20; turn++) run()
  expect(looks()).toBeLessThan(task.done / 32)
})

test('a turn ends with the records, and at the room that it was given', () => {
  expect(scene(() => ({ ms: 0.001 }), 10).run()).toBe(10)
  expect(scene(() => ({ ms: 0.001 })).run(7)).toBe(7)
})

test('a turn begins as the last one of the task has ended: cheap records are not asked after one by one again', () => {
  const { run, task } = scene(() => ({ ms: 0.003 }))
  const { process } = task
  const asked: number[] = []
  task.process = max => {
    asked.push(max)
    return process.call(task, max)
  }
  run()
  expect(asked.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 64])
  asked.length = 0
  run()
  expect(asked[0]).toBe(64)
})

test('what a task has gathered before its turn makes none of its records dear', () => {
  const { run, task } = scene(() => ({ ms: 0.003 }))
  task.gatheredBytes = 800 * 1024
  const { process } = task
  const asked: number[] = []
  task.process = max => {
    asked.push(max)
    return process.call(task, max)
  }
  run(100)
  expect(asked).toEqual([1, 2, 4, 8, 16, 32, 37])
})

test('records are cheap by what they have gathered since the last look, however much the turn has', () => {
  const { run, task } = scene(() => ({ bytes: 512 }))
  const { process } = task
  const asked: number[] = []
  task.process = max => {
    asked.push(max)
    return process.call(task, max)
  }
  run(640)
  expect(asked.slice(6, -1)).toEqual(Array.from({ length: asked.length - 7 }, () => 64))
  expect(asked.length).toBeGreaterThan(12)
})

test('records that cost half a millisecond, or 64 KiB, are asked after ever fewer at a time', () => {
  for (const cost of [{ ms: 0.5 }, { bytes: 64 * 1024 }]) {
    const { run, task } = scene(record => (record < 127 ? {} : cost))
    const { process } = task
    const asked: number[] = []
    task.process = max => {
      asked.push(max)
      return process.call(task, max)
    }
    run(127)
    asked.length = 0
    for (let turn = 0; turn < 8; turn++) run()
    expect(asked.slice(0, 2)).toEqual([64, 32])
    expect(asked.slice(-6)).toEqual([1, 1, 1, 1, 1, 1])
  }
})

test('a turn ends once 5 ms have passed, or 1 MiB was gathered', () => {
  expect(scene(() => ({ ms: 5 })).run()).toBe(1)
  const { run, task } = scene(() => ({ bytes: 512 * 1024 }))
  expect([run(), task.gatheredBytes]).toEqual([2, 1024 * 1024])
})
