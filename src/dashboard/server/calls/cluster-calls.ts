import { describeCluster } from '../../../ops/describe-cluster'
import { listGroups } from '../../../ops/groups'
import { version } from '../../../version'
import type { Reach } from '../reach'
import type { TopicSizes } from '../topic-sizes'
import type { Handlers } from './handlers'

export interface ClusterCallsOptions {
  readonly sizes: TopicSizes
  /** Names of the views that come as frames. */
  readonly frames: readonly string[]
}

export function clusterCalls(
  { cluster, kafka, registryUrl, watch, applications, allowWrites }: Reach,
  { sizes, frames }: ClusterCallsOptions,
): Pick<Handlers, 'GET /api/settings' | 'GET /api/applications' | 'GET /api/cluster'> {
  const startedAt = performance.now()
  return {
    'GET /api/settings': async () => ({
      ...{ version, writes: allowWrites, brokers: kafka.brokers, registry: registryUrl, frames },
      startedAgoMs: Math.round(performance.now() - startedAt),
      services: watch.watched.map(service => ({ service, ok: watch.isUp(service) })),
      outages: watch.outages,
    }),
    'GET /api/applications': async () => applications.list(),
    'GET /api/cluster': async () => ({
      ...(await describeCluster(cluster, await sizes.now())),
      groups: (await listGroups(cluster)).length,
    }),
  }
}
