import { TaskClocks } from '../../src/engine/worker/loop/task-clocks'
import type { Slot } from '../../src/engine/worker/open-tasks'

test('the clocks of tasks are looked at every 50 ms, and no more often', () => {
  const time = { ms: 0 }
  const clock = { now: () => 0, monotonic: () => time.ms }
  const reader = { end: () => undefined, peek: () => undefined }
  const looks: number[] = []
  const idle = { look: ({ nowMs }: { nowMs: number }) => void looks.push(nowMs) }
  const slots = [{ task: { time: { nextWallClock: undefined } }, idle }] as unknown as Slot[]
  const clocks = new TaskClocks(reader, clock, { look: () => undefined })
  for (const ms of [49, 50, 99, 100, 149, 151, 200, 201]) {
    time.ms = ms
    clocks.look(slots)
  }
  expect(looks).toEqual([50, 100, 151, 201])
})
