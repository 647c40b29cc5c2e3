/**
 * Every name that weir makes in Kafka: internal topics, the stores that they are named after, groups, transactional ids. They are Kafka Streams' names where it has them, so
 * that its users find their way. A name is only ever made, never read back: whether a topic is weir's own is said by `owner` in
 * the specs, and after the topology has changed by the list of topics that is kept with the state.
 */

/** The assignor of an application's workers; all members of its group have this one. */
export const assignorName = 'weir-cooperative'

/** The changelog of a store. */
export const changelogTopic = (application: string, store: string) => `${application}-${store}-changelog`

/** The store of one side of a stream-stream join. */
export const joinSideStore = (join: string, side: 'left' | 'right') => `${join}-${side}`

/** The store of an outer join's records that have found no partner so far. */
export const pendingStore = (join: string) => `${join}-pending`

/** The store of records that wait for a versioned table's grace period to pass. */
export const waitingRecordsStore = (join: string) => `${join}-waiting`

/** The store of a foreign-key join's subscriptions: who waits for which key. */
export const subscriptionStore = (join: string) => `${join}-subscriptions`

/** The store of the last value at each address of an end that retains; `end` is the name of the target. */
export const retainedStore = (end: string) => `${topicPart(end)}-retained`

/** A name as Kafka takes it in a topic's: an end's default name has its address in it. */
const topicPart = (name: string) => name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '')

/**
 * The store of rows whose last record in a table's source topic was refused, by the name of the table's store: such a row can't be restored
 * from the topic. It has no changelog, its entries are kept with the times.
 */
export const refusedRowsStore = (table: string) => `${table}/survivors`

/** The topic that keeps the times of all steps of an application, compacted by step. */
export const timesTopic = (application: string) => changelogTopic(application, 'times')

/** The topic that brings records to the partition of their new key, named after the step that needs them there. */
export const repartitionTopic = (application: string, step: string) => `${application}-${step}-repartition`

/** Brings the subscriptions of a foreign-key join to the partitions of the foreign keys (KIP-213). */
export const subscriptionTopic = (application: string, join: string) =>
  `${application}-${join}-subscription-registration-topic`

/** Brings the answers to the subscriptions back to the left rows. */
export const subscriptionResponseTopic = (application: string, join: string) =>
  `${application}-${join}-subscription-response-topic`

/** Holds what a step with memory sends to an end outside Kafka until it is written there. */
export const outboxTopic = (application: string, step: string) => `${application}-${step}-outbox`

/** Where questions about an application's stores are written: the partition is the task's. */
export const queriesTopic = (application: string) => `${application}-queries`

/** Where the answers are written; each requester reads one partition of it. */
export const repliesTopic = (application: string) => `${application}-replies`

/** Where an application's workers tell how they are, compacted by worker: `src/vitals/format.ts`. */
export const vitalsTopic = (application: string) => `${application}-vitals`

/** The keys of its records. */
export const vitalsKeys = {
  topology: 'topology',
  tally: (worker: string) => `worker/${worker}`,
  samples: (worker: string) => `samples/${worker}`,
}

/** Whether a topic is worth a look for vitals: its records say whether they are, and whose. */
export const mayHoldVitals = (topic: string) => topic.endsWith(vitalsTopic(''))

/** Where the bad records of a source topic go. */
export const deadLetterTopic = (topic: string) => `${topic}_dead_letters`

/** Which dead letters were sent again, compacted by their places: the mark is written in the transaction that sends one, so that none goes twice. */
export const redrivenTopic = (topic: string) => `${deadLetterTopic(topic)}_redriven`

/** Whether a topic is one of an application's that bring records from one of its steps to another: what is written there meets the second alone. */
export const isBetweenSteps = (application: string, topic: string) =>
  topic.startsWith(`${application}-`) && endings.slice(1).some(ending => topic.endsWith(ending))

/** The consumer group of an application. */
export const groupOf = (application: string) => application

/** The transactional id of one producer of a group; `unique` tells the group's workers apart. */
export const transactionalId = (group: string, unique: string) => `${group}-${unique}`

/** What Kafka takes as a topic's name: `org.apache.kafka.common.internals.Topic`. */
const legalName = /^[A-Za-z0-9._-]{1,249}$/

/** Whether a topic can have this name. */
export const isTopicName = (topic: unknown) =>
  typeof topic === 'string' && legalName.test(topic) && topic !== '.' && topic !== '..'

/** Topics that brokers keep for themselves: no producer may write there. */
export const isKafkas = (topic: string) =>
  /^__(consumer_offsets|transaction_state|share_group_state|remote_log_metadata|cluster_metadata)$/.test(topic)

/** How the names of internal topics end, whatever step they belong to. */
const endings = [
  '-changelog',
  '-repartition',
  '-outbox',
  '-subscription-registration-topic',
  '-subscription-response-topic',
]

/**
 * Whether weir may make a topic of this name for the application, in this version of a topology or in another: such names are
 * refused to authors, since what they write there would be taken for state.
 */
export function isReserved(application: string, topic: string): boolean {
  if ([queriesTopic, repliesTopic, vitalsTopic].some(nameOf => topic === nameOf(application))) return true
  return topic.startsWith(`${application}-`) && endings.some(ending => topic.endsWith(ending))
}
