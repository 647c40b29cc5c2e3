import { ErrorCode } from './protocol/error-codes'
import { metadata } from './protocol/metadata'
import type { Cluster } from './wire/cluster'

/** Codes of operations in what a broker says of rights (org.apache.kafka.common.acl.AclOperation). */
const operations = { Read: 3, Write: 4 } as const
export type Operation = keyof typeof operations
/** The least value: the broker says nothing of rights. */
const unsaid = -2_147_483_648

/** Whether the rights that a broker says this user has to a topic or a group (KIP-430) hold an operation. */
export const allows = (rights: number, operation: Operation): boolean =>
  rights === unsaid || (rights & (1 << operations[operation])) !== 0

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
