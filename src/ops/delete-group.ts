import { deleteGroup as deleteRequest } from '../connectors/kafka/protocol/change-topics'
import { deleteOffsets } from '../connectors/kafka/protocol/delete-offsets'
import { check, KafkaError } from '../connectors/kafka/wire/kafka-errors'
import { nearest } from '../nearest'
import { itemAt } from '../required'
import type { Cluster } from './cluster'
import { NotFoundError, RefusedError } from './errors'
import { askCoordinator, requireGroup } from './groups'
import { consumers, inUse } from './reset-group'
import { hasState, isWeirGroup } from './weir-group'

/** What a deletion takes away. */
export interface GroupDeletion {
  readonly group: string
  readonly topic: string | null
  /** Offsets that are forgotten. */
  readonly offsets: number
}

/** What deleting would take away, after the checks. Throws NotFoundError and RefusedError. */
export async function planGroupDeletion(cluster: Cluster, name: string, topic?: string): Promise<GroupDeletion> {
  const group = await requireGroup(cluster, name)
  if (isWeirGroup(group) || (await hasState(cluster, name))) {
    throw new RefusedError(`group "${name}" belongs to a weir application: use \`weir topology reset\``)
  }
  if (topic === undefined && group.members.length > 0) {
    throw inUse(name, `${consumers(group.members.length)} with it (${group.state})`)
  }
  const offsets = group.offsets.filter(at => topic === undefined || at.topic === topic)
  if (topic !== undefined && offsets.length === 0) {
    const topics = [...new Set(group.offsets.map(at => at.topic))]
    const meant = nearest(topic, topics)
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
    throw new NotFoundError(`group "${name}" has no offset for topic "${topic}"${hint}`)
  }
  return { group: name, topic: topic ?? null, offsets: offsets.length }
}

/** Deletes a group with all its offsets, or its offsets of one topic. Throws NotFoundError and RefusedError. */
export async function deleteGroup(cluster: Cluster, name: string, topic?: string): Promise<GroupDeletion> {
  const plan = await planGroupDeletion(cluster, name, topic)
  if (topic === undefined) await dropGroup(cluster, name)
  else await forget(cluster, name, topic)
  return plan
}

/** Deletes a group whoever it belongs to. Throws RefusedError when somebody consumes with it. */
export async function dropGroup(cluster: Cluster, name: string): Promise<void> {
  const answers = await askCoordinator(
    cluster,
    name,
    () => deleteRequest(name),
    found => found.map(each => each.errorCode),
  )
  const { errorCode } = itemAt(answers, 0)
  const error = errorCode === 0 ? undefined : new KafkaError(errorCode, `delete group "${name}"`)
  if (error?.type === 'NON_EMPTY_GROUP') throw inUse(name, 'a consumer has just joined it')
  if (error !== undefined) throw error
}

async function forget(cluster: Cluster, name: string, topic: string): Promise<void> {
  const { offsets } = await requireGroup(cluster, name)
  const partitions = offsets.filter(at => at.topic === topic).map(at => at.partition)
  const answer = await askCoordinator(
    cluster,
    name,
    () => deleteOffsets(name, topic, partitions),
    found => [found.errorCode, ...found.partitions.map(each => each.errorCode)],
  )
  check(answer.errorCode, `offsets of group "${name}"`)
  for (const { partition, errorCode } of answer.partitions) {
    const error = errorCode === 0 ? undefined : new KafkaError(errorCode, `offset of ${topic}-${partition}`)
    if (error?.type === 'GROUP_SUBSCRIBED_TO_TOPIC') throw inUse(name, `its members are subscribed to "${topic}"`)
    if (error !== undefined) throw error
  }
}
