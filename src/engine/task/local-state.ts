import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Broker } from '../../connectors/broker'
import type { StoreSpec } from '../../dsl/graph'
import { UnavailableError } from '../../errors'
import { changelogTopic } from '../../names'
import { closeEnvironments } from '../../state/disk/environment'
import { isHeldElsewhere } from '../../state/disk/held-elsewhere'
import { LocalCopy } from '../../state/disk/local-copy'
import type { Plan } from '../plan/plan'
import { deletionsKeptMs } from '../plan/topic-needs'
import type { Clock } from './clock'
import { timeKeyOf } from './stores'

export interface LocalStateOptions {
  /** STATE_DIR. */
  readonly folder: string
  readonly application: string
  readonly clock: Clock
}

/** The folder of an application's stores on disk, shared by all its workers on this machine: store / partition. */
export class LocalState {
  private readonly folder: string
  /** Which cluster's and which topic each changelog is, by its name. */
  private readonly origins = new Map<string, string>()

  constructor(private readonly options: LocalStateOptions) {
    this.folder = resolve(options.folder, options.application)
  }

  /** Learns the ids of the changelogs: one that was deleted and made again has another. Called before tasks are made. */
  async identify(plan: Plan, broker: Pick<Broker, 'topicIds' | 'clusterId'>): Promise<void> {
    const topics = storesOnDisk(plan).map(({ name }) => changelogTopic(this.options.application, name))
    if (topics.length === 0) return
    const [cluster, ids] = await Promise.all([broker.clusterId(), broker.topicIds(topics)])
    for (const topic of topics) {
      const id = ids.get(topic)
      if (id === undefined) throw new UnavailableError(`Kafka: topic ${topic} isn't there (yet)`)
      this.origins.set(topic, `${cluster} ${id}`)
    }
  }

  /** Takes over the copy of one partition of a store, also from another process on this machine. */
  open(spec: StoreSpec, partition: number): LocalCopy {
    const { application, clock } = this.options
    const topic = changelogTopic(application, spec.name)
    return new LocalCopy({
      folder: this.folderOf(spec.name, partition),
      origin: `${this.origins.get(topic)} ${spec.kind} ${spec.identity ?? ''}`,
      // A sixth less than the changelog keeps deletions for.
      longestAwayMs: (deletionsKeptMs * 5) / 6,
      now: () => clock.now(),
      timeKey: timeKeyOf(spec.kind),
    })
  }

  /** Whether another process on this machine has one of the copies of a part's stores. */
  isHeldElsewhere(stores: readonly StoreSpec[], partition: number): boolean {
    return stores.some(({ name, location }) => location === 'disk' && isHeldElsewhere(this.folderOf(name, partition)))
  }

  /** Deletes what there is of a store. */
  forget(store: string): void {
    rmSync(join(this.folder, store), { recursive: true, force: true })
  }

  /** Resolves when all writes are done. */
  async close(): Promise<void> {
    await closeEnvironments(this.folder)
  }

  private folderOf(store: string, partition: number): string {
    return join(this.folder, store, String(partition))
  }
}

export const storesOnDisk = (plan: Plan): StoreSpec[] =>
  plan.subTopologies.flatMap(part => part.stores).filter(({ location }) => location === 'disk')
