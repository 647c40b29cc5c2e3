/** What was sent: the stream (a sensor in a partition) whose order it has, and its figure. */
export interface Sent {
  readonly stream: string
  readonly value: number
}

interface Arrival {
  /** Number of the message among all that have come. */
  readonly number: number
  readonly value: number
}

/** A message may come again so many looks after the one that it was settled in. */
const looksKept = 3
const mostExamples = 20

/** Whether messages come with the figure that they were sent with, and for the first time in the order in which they were. What comes again may come at any time. */
export class FirstArrivals {
  private count = 0
  private readonly first = new Map<string, Arrival>()
  /** Figures of what was settled: the last looks, the newest first. */
  private settled: ReadonlyMap<string, Sent>[] = []
  /** By stream, what came first of the last one that was settled. */
  private readonly reached = new Map<string, { readonly number: number; readonly key: string }>()
  private faults: string[] = []

  take(key: string, value: number): void {
    const number = this.count++
    const known = this.first.get(key)?.value ?? this.settled.find(look => look.has(key))?.get(key)?.value
    if (known === undefined) this.first.set(key, { number, value })
    else if (!Object.is(known, value)) this.wrong(`${key} came as ${value}, and as ${known} before`)
  }

  /** `sent`: in the order of each stream. `isWhole`: no message was lost, so that their order means something. Returns what is wrong. */
  settle(sent: ReadonlyMap<string, Sent>, isWhole: boolean): string[] {
    if (!isWhole) this.reached.clear()
    for (const [key, { stream, value }] of sent) {
      const arrival = this.first.get(key)
      if (arrival === undefined) continue
      this.first.delete(key)
      if (!Object.is(arrival.value, value)) this.wrong(`${key} came as ${arrival.value} and was sent as ${value}`)
      const before = this.reached.get(stream)
      if (isWhole && before !== undefined && before.number > arrival.number)
        this.wrong(`${key} came before ${before.key}, which was sent before it`)
      this.reached.set(stream, { number: arrival.number, key })
    }
    this.settled = [sent, ...this.settled.slice(0, looksKept - 1)]
    return this.faults.splice(0)
  }

  private wrong(what: string): void {
    if (this.faults.length < mostExamples) this.faults.push(what)
  }
}
