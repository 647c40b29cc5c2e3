import type { Verdict } from './checker'
import { type Kernel, WORLD } from './world/kernel'

interface Settling {
  /** The verdict where it is time for one; called before every event. */
  look(): Verdict | undefined
  judge(): Verdict
  /** How long what is right has to stay so, ms. */
  readonly staysMs: number
  /** How long it may take to become so, ms. */
  readonly mostMs: number
  readonly mostEvents: number
}

/** Runs until nothing is lost any more, and judges again `staysMs` later: what comes too late, such as a write of a worker that was taken for dead, counts. */
export async function settle(kernel: Kernel, { look, judge, staysMs, mostMs, mostEvents }: Settling): Promise<Verdict> {
  let first: Verdict | undefined
  const isRight = () => {
    first = look()
    return first !== undefined && !first.violations.some(each => each.includes('lost'))
  }
  const isDone = await kernel.run(isRight, kernel.time + mostMs, mostEvents)
  if (isDone) {
    const until = kernel.time + staysMs
    await kernel.run(() => kernel.time >= until, until, Number.POSITIVE_INFINITY)
  }
  kernel.owner = WORLD
  const last = judge()
  const lateness = isDone ? [] : [`not done ${mostMs / 1000} s after the last fault (${kernel.ran} events)`]
  const violations = [...new Set([...lateness, ...((isDone && first?.violations) || []), ...last.violations])]
  return { violations, compared: last.compared }
}
