import type { Found, Input } from '../../../src/engine/task/input'
import { InputQueue } from '../../../src/engine/task/input-queue'

/** An input of times: each comes to the head when it is looked for; -1 is passed over. */
class Times implements Pick<Input, 'isCaughtUp' | 'look'> {
  isCaughtUp = true
  missingSchema: object | undefined
  head: { readonly timestamp: number } | undefined

  constructor(
    readonly name: string,
    private readonly waiting: number[],
  ) {}

  feed(...times: number[]): void {
    this.waiting.push(...times)
  }

  look(): Found {
    if (this.head !== undefined) return 'record'
    const timestamp = this.missingSchema === undefined ? this.waiting.shift() : undefined
    if (timestamp === undefined) return 'nothing'
    if (timestamp < 0) return 'passed'
    this.head = { timestamp }
    return 'record'
  }
}

/** What is taken: the input and the time of its head, which then is processed. */
function takes(queue: InputQueue, count: number): unknown[] {
  return Array.from({ length: count }, () => {
    const taken = queue.take() as Times | 'passed' | undefined
    if (taken === undefined || taken === 'passed') return taken
    const text = `${taken.name}${taken.head?.timestamp}`
    taken.head = undefined
    return text
  })
}

function queueOf(...times: readonly number[][]) {
  const inputs = times.map((each, i) => new Times('abc'[i]!, [...each]))
  return { inputs, queue: new InputQueue(inputs as unknown as Input[]) }
}

test('the oldest head is first, whichever input it is of', () => {
  const { queue } = queueOf([1, 4, 5], [2, 3, 6], [0])
  expect(takes(queue, 8)).toEqual(['c0', 'a1', 'b2', 'b3', 'a4', 'a5', 'b6', undefined])
})

test('inputs whose heads are of one time take turns', () => {
  const { queue } = queueOf([1, 1, 1], [1, 1, 1])
  expect(takes(queue, 6)).toEqual(['a1', 'b1', 'a1', 'b1', 'a1', 'b1'])
})

test('an only input is taken as it comes, caught up or not', () => {
  const { queue, inputs } = queueOf([2, -1, 1])
  inputs[0]!.isCaughtUp = false
  expect(takes(queue, 4)).toEqual(['a2', 'passed', 'a1', undefined])
  expect(takes(new InputQueue([]), 1)).toEqual([undefined])
})

test('an input that may have older records is waited for, and no head is lost meanwhile', () => {
  const { queue, inputs } = queueOf([5, 6, 7], [])
  inputs[1]!.isCaughtUp = false
  expect(takes(queue, 2)).toEqual([undefined, undefined])
  inputs[1]!.feed(4)
  expect(takes(queue, 2)).toEqual(['b4', undefined])
  inputs[1]!.isCaughtUp = true
  expect(takes(queue, 1)).toEqual(['a5'])
  inputs[1]!.isCaughtUp = false
  expect(takes(queue, 2)).toEqual([undefined, undefined])
  inputs[1]!.isCaughtUp = true
  expect(takes(queue, 3)).toEqual(['a6', 'a7', undefined])
})

test('an input whose schema is missing is waited for, although it is caught up', () => {
  const { queue, inputs } = queueOf([5], [1])
  inputs[1]!.missingSchema = { id: 7 }
  expect(takes(queue, 2)).toEqual([undefined, undefined])
  inputs[1]!.missingSchema = undefined
  expect(takes(queue, 3)).toEqual(['b1', 'a5', undefined])
})

test('what is passed over is said at once, one at a time, whichever input it is of', () => {
  const { queue } = queueOf([1, -1, -1, 4], [-1, 2, 3])
  expect(takes(queue, 8)).toEqual(['passed', 'a1', 'passed', 'passed', 'b2', 'b3', 'a4', undefined])
})

test('an input that alone has records goes on, until an older one comes in another', () => {
  const { queue, inputs } = queueOf([1, 3, 5, 7], [], [])
  expect(takes(queue, 2)).toEqual(['a1', 'a3'])
  inputs[1]!.feed(4)
  inputs[2]!.feed(6)
  expect(takes(queue, 5)).toEqual(['b4', 'a5', 'c6', 'a7', undefined])
})

test('its turn among equals stays that of the input that was last, though it alone had records', () => {
  const { queue, inputs } = queueOf([], [1, 2])
  expect(takes(queue, 1)).toEqual(['b1'])
  inputs[0]!.feed(2)
  expect(takes(queue, 2)).toEqual(['b2', 'a2'])
})

test('the input that was last is queued once, however long another is waited for', () => {
  const { queue, inputs } = queueOf([1, 5, 7], [], [])
  expect(takes(queue, 1)).toEqual(['a1'])
  inputs[1]!.isCaughtUp = false
  inputs[2]!.feed(3)
  expect(takes(queue, 2)).toEqual([undefined, undefined])
  inputs[1]!.isCaughtUp = true
  expect(takes(queue, 4)).toEqual(['c3', 'a5', 'a7', undefined])
})

test('inputs that were set to other positions have no turns of before', () => {
  const { queue, inputs } = queueOf([1], [2])
  expect(takes(queue, 2)).toEqual(['a1', 'b2'])
  queue.clear()
  for (const input of inputs) input.feed(9)
  expect(takes(queue, 2)).toEqual(['a9', 'b9'])
})

test('inputs that were set to other positions are asked anew', () => {
  const { queue, inputs } = queueOf([1, 2], [3])
  expect(takes(queue, 1)).toEqual(['a1'])
  queue.take()
  for (const input of inputs) input.head = undefined
  queue.clear()
  inputs[0]!.feed(9)
  inputs[1]!.feed(8)
  expect(takes(queue, 3)).toEqual(['b8', 'a9', undefined])
})
