import { ErrorCode } from './protocol/error-codes'
import { metadata } from './protocol/metadata'
import { allows } from './protocol/rights'
import type { Cluster } from './wire/cluster'

/** Those of the topics that exist and that this user may not write to. */
export async function unwritableTopics(cluster: Cluster, topics: readonly string[]): Promise<Set<string>> {
  if (topics.length === 0) return new Set()
  const found = (await cluster.any(metadata(topics, { rights: true }))).topics
  return new Set(
    found
      .filter(
        ({ errorCode, rights }) =>
          errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED || (errorCode === 0 && !allows(rights, 'Write')),
      )
      .map(({ topic }) => topic),
  )
}
