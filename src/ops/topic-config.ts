import { ErrorCode } from '../connectors/kafka/protocol/error-codes'
import {
  alterTopicConfig as alterRequest,
  type TopicConfig,
  topicConfigs,
} from '../connectors/kafka/protocol/topic-configs'
import type { Cluster } from './cluster'
import { notFound } from './nearest'
import { requireTopic, throwRefusal } from './topics'

/** All settings of a topic in alphabetical order, and who set each of them. Throws NotFoundError. */
export async function topicConfig(cluster: Cluster, name: string): Promise<TopicConfig[]> {
  const [found] = await cluster.any(topicConfigs([name]))
  if (found?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) await requireTopic(cluster, name)
  if (found !== undefined) throwRefusal(`read the configuration of topic "${name}"`, found, 'DescribeConfigs')
  return [...(found?.configs ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Sets (a string) or resets (null) settings and leaves all others as they are. Returns the configuration after it.
 * Throws NotFoundError, with the nearest name, for a topic or setting that doesn't exist; UsageError for a bad value.
 */
export async function setTopicConfig(
  cluster: Cluster,
  name: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<TopicConfig[]> {
  const known = (await topicConfig(cluster, name)).map(each => each.name)
  for (const key of Object.keys(changes)) if (!known.includes(key)) throw notFound('setting', key, known)
  for (const answer of await cluster.any(alterRequest(name, changes)))
    throwRefusal(`configure topic "${name}"`, answer, 'AlterConfigs')
  return settled(cluster, name, changes)
}

/** Brokers apply a change a moment after the controller has taken it. */
async function settled(
  cluster: Cluster,
  name: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<TopicConfig[]> {
  for (let left = 50; ; left--) {
    const now = await topicConfig(cluster, name)
    const done = now.every(({ name, value, source }) => {
      const wanted = changes[name]
      return wanted === undefined || (wanted === null ? source !== 'topic' : value === wanted)
    })
    if (done || left === 0) return now
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
