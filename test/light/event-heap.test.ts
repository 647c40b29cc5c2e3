import * as fc from 'fast-check'
import { EventHeap } from '../../src/light/world/event-heap'
import { VirtualClock } from '../../src/light/world/virtual-clock'

test('what is due first comes first, and of two at once the one planned first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), times => {
      const heap = new EventHeap()
      const events = times.map((at, order) => ({ at, order }))
      for (const event of events) heap.add(event)
      const taken = events.map(() => heap.take())
      expect(taken).toEqual([...events].sort((a, b) => a.at - b.at || a.order - b.order))
      expect(heap.take()).toBeUndefined()
    }),
  )
})

test('a virtual clock leaves out what was cancelled, and runs what is planned meanwhile', () => {
  const clock = new VirtualClock(1_000)
  const ran: string[] = []
  clock.after(10, () => {
    ran.push(`first at ${clock.now()}`)
    clock.after(5, () => ran.push(`planned by it at ${clock.now()}`))
  })
  const cancel = clock.after(5, () => ran.push('cancelled'))
  clock.after(30, () => ran.push('later'))
  cancel()
  expect(clock.nextAt).toBe(1_010)
  clock.advance(20)
  expect(ran).toEqual(['first at 1010', 'planned by it at 1015'])
  expect(clock.now()).toBe(1_020)
})
