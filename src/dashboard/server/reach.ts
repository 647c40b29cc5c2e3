import type { HistoryReader } from '../../connectors/postgres/history-reader'
import type { Log } from '../../log'
import type { Cluster, KafkaConfig } from '../../ops/cluster'
import type { Registry } from '../../ops/registry'
import type { Applications } from './applications'
import type { GroupSampler } from './group-sampler'
import type { ServiceWatch } from './service-watch'

/** What the dashboard's functions work with. */
export interface Reach {
  readonly cluster: Cluster
  /** How the cluster is reached, for what opens connections of its own. */
  readonly kafka: Omit<KafkaConfig, 'clientId'>
  readonly registry: Registry
  /** Without user and password. */
  readonly registryUrl: string
  /** Of the database that readings are kept in; undefined where none is known. */
  readonly history?: HistoryReader | undefined
  readonly watch: ServiceWatch
  readonly sampler: GroupSampler
  readonly applications: Applications
  readonly allowWrites: boolean
  /** How long a service may take for one request, ms. */
  readonly timeoutMs: number
  readonly log: Log
}
