import type { Cluster } from '../../../ops/cluster'
import type { Registry } from '../../../ops/registry'
import type { SilentKeys } from '../../../vitals/diagnosis'
import { ProblemError } from '../problems'
import { Fleet } from './fleet'

/** How long a fleet is kept after the last look, ms: whoever comes back to it from one sensor still finds it. */
const keptMs = 20_000
/** The most fleets that are followed at once. */
const most = 8

interface Held {
  readonly fleet: Fleet
  users: number
  timer: NodeJS.Timeout | undefined
}

/** The fleets that somebody looks at: one for each figure of a topic, whatever the number of pages. */
export class Fleets {
  private readonly held = new Map<string, Held>()

  constructor(private readonly reach: { readonly cluster: Cluster; readonly registry: Pick<Registry, 'byId'> }) {}

  /** The fleet, and a function that gives it back. Throws ProblemError: too-many, since each reads a whole topic. */
  use(topic: string, field: string): { readonly fleet: Fleet; readonly release: () => void } {
    const name = JSON.stringify([topic, field])
    let held = this.held.get(name)
    if (held === undefined) {
      this.makeRoom()
      const { cluster, registry } = this.reach
      held = { fleet: new Fleet({ cluster, registry, topic, field }), users: 0, timer: undefined }
      this.held.set(name, held)
    }
    held.users++
    clearTimeout(held.timer)
    return { fleet: held.fleet, release: () => this.release(name) }
  }

  /** The silent keys of each topic that is followed. */
  get silent(): readonly SilentKeys[] {
    // Every figure of a topic has the same keys.
    const byTopic = new Map([...this.held.values()].map(({ fleet }) => [fleet.options.topic, fleet]))
    return [...byTopic.values()].flatMap(fleet => fleet.silent ?? [])
  }

  async close(): Promise<void> {
    const all = [...this.held.values()]
    this.held.clear()
    for (const { timer } of all) clearTimeout(timer)
    await Promise.all(all.map(({ fleet }) => fleet.close()))
  }

  private release(name: string): void {
    const held = this.held.get(name)
    if (held === undefined || --held.users > 0) return
    held.timer = setTimeout(() => this.drop(name), keptMs)
    held.timer.unref()
  }

  private drop(name: string): void {
    const held = this.held.get(name)
    this.held.delete(name)
    void held?.fleet.close()
  }

  private makeRoom(): void {
    if (this.held.size < most) return
    const idle = [...this.held].find(([, { users }]) => users === 0)
    if (idle === undefined)
      throw new ProblemError('too-many', `${most} fleets are looked at already.`, {
        todo: 'Close one, or try again when one is closed.',
      })
    clearTimeout(idle[1].timer)
    this.drop(idle[0])
  }
}
