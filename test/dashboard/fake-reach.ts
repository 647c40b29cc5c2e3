import type { Applications } from '../../src/dashboard/server/applications'
import { GroupSampler } from '../../src/dashboard/server/group-sampler'
import type { Reach } from '../../src/dashboard/server/reach'
import { ServiceWatch } from '../../src/dashboard/server/service-watch'
import { silentLog } from '../../src/log'
import type { Cluster } from '../../src/ops/cluster'
import type { Registry } from '../../src/ops/registry'

/** A cluster of so many topics that answers nothing else. */
export function fakeCluster(topics: readonly string[], partitions = 1): Cluster {
  const all = topics.map((topic, id) => ({
    ...{ errorCode: 0, topic, id: `${id}`, internal: topic.startsWith('__') },
    partitions: Array.from({ length: partitions }, (_, partition) => ({
      ...{ errorCode: 0, partition, leader: 1, replicas: [1], isr: [1] },
    })),
  }))
  const known = {
    allTopics: async () => all,
    metadata: async (names: readonly string[]) =>
      names.map(name => all.find(each => each.topic === name) ?? { errorCode: 3, topic: name, partitions: [] }),
    knownLeader: () => 1,
    nodes: async () => [1],
    brokers: async () => ({ brokers: [{ nodeId: 1, host: 'kafka', port: 9092 }], controllerId: 1 }),
    clusterId: async () => 'fake',
    maxVersion: async () => 5,
    send: async () => Object.assign([], { errorCode: 0, groups: [] }),
    any: async () => [],
  }
  return known as unknown as Cluster
}

export interface FakeReach extends Reach {
  close(): Promise<void>
}

/** What the dashboard works with, without any service. */
export function fakeReach(parts: Partial<Reach> = {}): FakeReach {
  const watch = parts.watch ?? new ServiceWatch({ log: silentLog, probes: {} })
  const sampler = parts.sampler ?? new GroupSampler({ survey: async () => ({ groups: [], missing: new Map() }) })
  const applications = {
    list: () => ({ applications: [], complete: true }),
    tellings: () => ({ tellings: [], complete: true }),
    find: () => undefined,
    onTick: () => () => {},
  } as unknown as Applications
  const registry = { subjects: async () => [] } as unknown as Registry
  return {
    ...{ cluster: fakeCluster([]), kafka: { brokers: ['kafka:9092'] }, registry, registryUrl: 'http://registry' },
    ...{ watch, sampler, applications, allowWrites: false, timeoutMs: 1_000, log: silentLog },
    ...parts,
    async close() {
      await Promise.all([watch.close(), sampler.close()])
    },
  }
}
