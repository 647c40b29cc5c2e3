import { Shipping } from '../../src/engine/worker/loop/shipping'
import { takeOut } from '../../src/engine/worker/loop/take-out'
import { WakeUp } from '../../src/engine/worker/loop/wake-up'
import type { Slot } from '../../src/engine/worker/open-tasks'

const slot = (id: string, sinkBytes: number) => ({ task: { id, sinkBytes } }) as unknown as Slot

describe('handing over to ends', () => {
  function scene() {
    const writes: { readonly id: string; readonly done: () => void }[] = []
    let shipped = 0
    const write = ({ task: { id } }: Slot) => new Promise<void>(done => writes.push({ id, done }))
    return { writes, shipping: new Shipping(write, () => shipped++), count: () => shipped }
  }

  it('is one write of a task at a time, and of others beside it', async () => {
    const { writes, shipping, count } = scene()
    const first = shipping.ship(slot('a', 1))
    await shipping.ship(slot('a', 2))
    void shipping.ship(slot('b', 1))
    expect(writes.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(count()).toBe(0)
    writes[0]!.done()
    await first
    expect(count()).toBe(1)
    void shipping.ship(slot('a', 2))
    expect(writes.map(({ id }) => id)).toEqual(['a', 'b', 'a'])
  })

  it('is nothing without anything to write, or while it has to be quiet', async () => {
    const { writes, shipping } = scene()
    await shipping.ship(slot('a', 0))
    shipping.quiet(true)
    await shipping.ship(slot('a', 1))
    expect(writes).toEqual([])
    shipping.quiet(false)
    void shipping.ship(slot('a', 1))
    expect(writes).toHaveLength(1)
  })
})

describe('tasks that are taken out', () => {
  function scene(dirty: readonly string[]) {
    const removed: string[] = []
    const slots = new Map(
      ['a', 'b', 'c'].map(id => [
        id,
        { task: { isDirty: dirty.includes(id), inputs: [`${id}1`, `${id}2`] } } as unknown as Slot,
      ]),
    )
    const reader = { remove: (input: unknown) => void removed.push(String(input)) }
    return { slots, removed, out: (...ids: string[]) => takeOut(new Set(ids), slots, reader as never) }
  }

  it('are read no more, and the others stay', () => {
    const { slots, removed, out } = scene(['b'])
    expect(out('a', 'c', 'unknown')).toBe(true)
    expect([...slots.keys()]).toEqual(['b'])
    expect(removed).toEqual(['a1', 'a2', 'c1', 'c2'])
  })

  it('are all or none: not while one has something that is not committed', () => {
    const { slots, removed, out } = scene(['b'])
    expect(out('a', 'b')).toBe(false)
    expect([...slots.keys(), ...removed]).toEqual(['a', 'b', 'c'])
  })
})

describe('a pause', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('ends when it is over or somebody wakes it, and leaves no timer behind', async () => {
    const wakeUp = new WakeUp()
    wakeUp.wake()
    const woken = wakeUp.pause(1_000)
    wakeUp.wake()
    await woken
    expect(jest.getTimerCount()).toBe(0)
    const slept = wakeUp.pause(1_000)
    jest.advanceTimersByTime(1_000)
    await slept
  })
})
