import { log } from '../../log'
import { groupOf } from '../../names'
import { Outages } from '../../outages'
import type { Broker } from '../broker'
import { createGroup } from './group/group'
import { memberCount } from './group/member-count'
import { committedOffsets } from './group/stable-offsets'
import { PartitionStates } from './partition-states'
import { EARLIEST, LATEST } from './protocol/offsets'
import { offsetAt } from './read/offset-at'
import { offsetSince } from './read/offset-since'
import { readPartition } from './read/read-partition'
import { createReader } from './read/reader'
import { unwritableTopics } from './rights'
import {
  deleteRecordsBefore,
  ensureTopics,
  removeTopics,
  topicIds,
  topicPartitionCounts,
  topicSettings,
} from './topics'
import { createCluster, type KafkaConfig } from './wire/client'
import { asOutage } from './wire/kafka-errors'
import { holdGroup } from './write/group-hold'
import { partitionOf } from './write/partitioner'
import { openPlainLedger } from './write/plain-ledger'
import { createProducer } from './write/producer'
import { newTransactionalId, openTransactionalLedger } from './write/transactional-ledger'

export interface KafkaBrokerOptions extends Omit<KafkaConfig, 'clientId'> {
  /** Application id: the consumer group, and the first part of the transactional id. */
  readonly application: string
  readonly guarantee: 'exactly_once' | 'at_least_once'
  readonly sessionTimeoutMs: number
  /** Of a static member of the group (KIP-345), unique in it: a restart within the session moves nothing. */
  readonly groupInstanceId?: string | undefined
  /** Of topics that are made; left out: 3 where there are so many brokers, else the brokers' own default. */
  readonly replicationFactor?: number | undefined
  /** Who says that a broker is lost and back; one of the program's own where there is one. */
  readonly outages?: Outages
}

/** Kafka as the engine sees it, over one cluster's connections. */
export function createBroker(options: KafkaBrokerOptions): Broker {
  const { application, guarantee, sessionTimeoutMs, groupInstanceId, replicationFactor, ...rest } = options
  const { outages = new Outages({ log }), ...config } = rest
  const groupId = groupOf(application)
  // A broker that hangs is given up before the group gives us up: the others are asked while the session lasts.
  const requestTimeoutMs = config.requestTimeoutMs ?? Math.round(sessionTimeoutMs / 3)
  const cluster = createCluster({ ...config, requestTimeoutMs, clientId: groupId })
  // One id for all ledgers of this worker: a new one ends what the last one left open.
  const transactionalId = newTransactionalId(groupId)
  const states = new PartitionStates(cluster, groupId)
  return {
    joinGroup: events => createGroup({ ...events, cluster, groupId, sessionTimeoutMs, instanceId: groupInstanceId }),
    openLedger: (membership, partitions) =>
      guarantee === 'exactly_once'
        ? openTransactionalLedger({ cluster, groupId, transactionalId }, membership, partitions)
        : openPlainLedger({ cluster, groupId }, membership, partitions),
    createReader: options => createReader({ cluster, outages, ...options }),
    createProducer: () => createProducer({ ...config, clientId: groupId }),
    // A commit is answered before its markers are everywhere: up to the high watermark, reading waits for them.
    readPartition: async function* (at, from, to, damage = 'fail') {
      try {
        yield* readPartition({ cluster, outages, damage }, at, from, to ?? Number.POSITIVE_INFINITY)
      } catch (error) {
        throw asOutage(error)
      }
    },
    committedOffsets: asked(partitions => committedOffsets(cluster, groupId, partitions)),
    partitionStates: asked(partitions => states.of(partitions)),
    startOffset: asked(at => offsetAt({ cluster }, at, EARLIEST)),
    offsetSince: asked((at, timeMs) => offsetSince(cluster, at, timeMs)),
    stableOffset: asked(at => offsetAt({ cluster }, at, LATEST)),
    endOffset: asked(at => offsetAt({ cluster, readCommitted: false }, at, LATEST)),
    partitionCounts: asked(topics => topicPartitionCounts(cluster, topics)),
    topicConfigs: asked((topics, settings) => topicSettings(cluster, topics, settings)),
    unwritable: asked(topics => unwritableTopics(cluster, topics)),
    ensureTopics: asked(needs =>
      ensureTopics(
        cluster,
        needs.map(need => (replicationFactor === undefined ? need : { ...need, replicationFactor })),
      ),
    ),
    deleteTopics: asked(topics => removeTopics(cluster, topics)),
    deleteRecordsBefore: asked(partitions => deleteRecordsBefore(cluster, partitions)),
    memberCount: asked(group => memberCount(cluster, group)),
    holdGroup: assignor => holdGroup({ cluster, groupId, assignor, sessionTimeoutMs }),
    partitionOf,
    topicIds: asked(topics => topicIds(cluster, topics)),
    clusterId: asked(() => cluster.clusterId()),
    close: () => cluster.disconnect(),
  }
}

/** What Kafka answers with for a while isn't the end of whoever asks: it is as if it didn't answer. */
function asked<A extends unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return await ask(...args)
    } catch (error) {
      throw asOutage(error)
    }
  }
}
