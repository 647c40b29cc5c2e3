import type { Broker } from '../connectors/broker'
import type { Reader } from '../connectors/source'
import type { Log } from '../log'
import type { Plan } from './plan'
import { type Changelog, changelogsOf } from './restorer'
import { Task, type TaskEnvironment } from './task'

/** How often batches of the changelogs are applied, ms: a standby may lag a little, it must not disturb the tasks at work. */
const turnMs = 100

interface Standby {
  readonly task: Task
  readonly changelogs: readonly Changelog[]
}

/**
 * Tasks of other workers whose changelogs this worker follows, so that it can take them over by reading only what came last
 * (`NUM_STANDBY_REPLICAS`).
 */
export class Standbys {
  private readonly standbys = new Map<string, Standby>()
  private reader: Reader | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly plan: Plan,
    private readonly environment: TaskEnvironment,
    private readonly broker: Pick<Broker, 'createReader'>,
    private readonly log: Log,
  ) {}

  get ids(): string[] {
    return [...this.standbys.keys()]
  }

  /** Follows exactly these tasks from now on. */
  assign(ids: readonly string[]): void {
    for (const id of this.ids) if (!ids.includes(id)) this.take(id)
    for (const id of ids) if (!this.standbys.has(id)) this.follow(id)
    if (this.standbys.size > 0) this.timer ??= setInterval(() => this.turn(), turnMs)
  }

  /** Ends following a task and hands it over with what was restored. */
  take(id: string): Task | undefined {
    const standby = this.standbys.get(id)
    if (standby === undefined) return undefined
    this.standbys.delete(id)
    for (const { topic } of standby.changelogs) this.reader?.remove({ topic, partition: standby.task.partition })
    return standby.task
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
    this.standbys.clear()
    await this.reader?.close()
  }

  private follow(id: string): void {
    const [part, partition] = id.split('_').map(Number) as [number, number]
    const task = new Task(id, this.plan.subTopologies[part]!, partition, this.environment, () => 0)
    const changelogs = changelogsOf(task, this.environment.application)
    if (this.reader === undefined) {
      this.reader = this.broker.createReader()
      // A standby that can't follow costs a full restore later, nothing else.
      this.reader.onError = (error, at) => this.log.warn(`standby ${id}, ${at.topic}: ${error.message}`)
    }
    // The times are few and shared by all tasks of a partition: they are read at the takeover.
    const own = changelogs.filter(changelog => changelog.ofStore)
    for (const { topic } of own) this.reader.seek({ topic, partition }, 0)
    this.standbys.set(id, { task, changelogs: own })
  }

  private turn(): void {
    for (const { task, changelogs } of this.standbys.values()) {
      for (const { topic, apply } of changelogs) {
        const batch = this.reader!.take({ topic, partition: task.partition })
        if (batch === undefined) continue
        apply(batch)
        task.restoredTo.set(topic, batch.nextOffset)
      }
    }
  }
}
