import { apiVersions } from '../messages/api-versions'
import { type Served, serve } from './serve'
import { serveAlterConfigs, serveDescribeConfigs, serveIncrementalAlterConfigs } from './serve-configs'
import { serveFetch } from './serve-fetch'
import { serveDeleteGroups, serveDescribeGroups, serveListGroups, serveOffsetDelete } from './serve-groups'
import { serveDeleteRecords, serveDescribeLogDirs, serveListOffsets, serveOffsetForLeaderEpoch } from './serve-log'
import { serveWriteTxnMarkers } from './serve-markers'
import { serveHeartbeat, serveJoinGroup, serveLeaveGroup, serveSyncGroup } from './serve-membership'
import {
  serveDescribeCluster,
  serveDescribeTopicPartitions,
  serveFindCoordinator,
  serveMetadata,
} from './serve-metadata'
import { serveOffsetCommit, serveOffsetFetch, serveTxnOffsetCommit } from './serve-offsets'
import { serveProduce } from './serve-produce'
import { serveCreatePartitions, serveCreateTopics, serveDeleteTopics, serveElectLeaders } from './serve-topics'
import { serveDescribeProducers, serveDescribeTransactions, serveListTransactions } from './serve-transaction-states'
import { serveAddOffsetsToTxn, serveAddPartitionsToTxn, serveEndTxn, serveInitProducerId } from './serve-transactions'

const others: readonly Served[] = [
  ...[serveProduce, serveFetch, serveListOffsets, serveMetadata, serveOffsetCommit, serveOffsetFetch],
  ...[serveFindCoordinator, serveJoinGroup, serveHeartbeat, serveLeaveGroup, serveSyncGroup],
  ...[serveDescribeGroups, serveListGroups, serveCreateTopics, serveDeleteTopics, serveDeleteRecords],
  ...[serveInitProducerId, serveOffsetForLeaderEpoch, serveAddPartitionsToTxn, serveAddOffsetsToTxn],
  ...[serveEndTxn, serveTxnOffsetCommit, serveDescribeConfigs, serveAlterConfigs, serveDescribeLogDirs],
  ...[serveCreatePartitions, serveDeleteGroups, serveElectLeaders, serveIncrementalAlterConfigs],
  ...[serveOffsetDelete, serveDescribeCluster, serveDescribeProducers, serveDescribeTransactions],
  serveListTransactions,
  serveWriteTxnMarkers,
  serveDescribeTopicPartitions,
]

/** What a client asks first. Version 0 is understood by all of them, whatever version they ask in. */
export const serveApiVersions: Served = serve(apiVersions, () => ({ errorCode: 0, apiKeys: spoken }))

/** All APIs that a node speaks, by their keys. */
export const allApis: ReadonlyMap<number, Served> = new Map([serveApiVersions, ...others].map(each => [each.key, each]))

const spoken = [...allApis.values()]
  .sort((a, b) => a.key - b.key)
  .map(({ key, versions: [minVersion, maxVersion] }) => ({ apiKey: key, minVersion, maxVersion }))
