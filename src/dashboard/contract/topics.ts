import { z } from 'zod'
import { confirm, count, list, pageOf, pageQuery } from './common'

export const topicSort = z.enum(['topic', 'partitions', 'bytes', 'underReplicated'])
export const topicsQuery = z.object({
  ...pageQuery,
  internal: z.stringbool().default(false).describe("Kafka's own topics too"),
  sort: topicSort.default('topic'),
  descending: z.stringbool().default(false),
})

export const topicRow = z.object({
  topic: z.string(),
  partitions: count,
  replication: count,
  underReplicated: count,
  leaderless: count,
  internal: z.boolean(),
  bytes: z.number().nullable().describe('of the leaders; null while no broker says it'),
  records: count
    .nullable()
    .describe('by offsets, as `weir topics count` has it: markers and what compaction took count, too'),
})
export type TopicRow = z.infer<typeof topicRow>
export const topicPage = pageOf(topicRow)
export type TopicPage = z.infer<typeof topicPage>

export const topicPartition = z.object({
  partition: z.number(),
  leader: z.number().nullable().describe('null while there is none, like first and last'),
  replicas: list(z.number()),
  isr: list(z.number()),
  first: z.number().nullable(),
  last: z.number().nullable().describe('the high watermark: the offset of the next record'),
  bytes: z.number().nullable().describe("on the leader's disk"),
})
export type TopicPartitionView = z.infer<typeof topicPartition>

export const topicSetting = z.object({
  name: z.string(),
  value: z.string().nullable().describe('null for a secret'),
  source: z.string().describe('who set it: topic, broker, cluster, server, or default for nobody'),
})
export type TopicSetting = z.infer<typeof topicSetting>

export const topicReader = z.object({
  group: z.string(),
  state: z.string(),
  members: count,
  lag: z.number().nullable(),
})

export const topicView = z.object({
  topic: z.string(),
  id: z.string().nullable(),
  replication: count,
  bytes: z.number().describe('of the leaders together'),
  records: count.nullable().describe('by offsets; null while a partition has no leader'),
  recordsAbove: list(z.string()).describe('why `records` may be more than there are; empty when it is exact'),
  partitions: list(topicPartition),
  settings: list(topicSetting),
  readers: list(topicReader).describe('the groups that have offsets in it'),
  deadLettersOf: z.string().nullable().describe('the topic whose bad records it holds'),
  deadLetters: z.string().nullable().describe('the topic of its own bad records, where there is one'),
  subjects: list(z.string()).describe('of the registry, by name: <topic>-key and <topic>-value'),
})
export type TopicView = z.infer<typeof topicView>

export const newTopic = z.object({
  topic: z.string().min(1).max(249),
  partitions: z.number().int().min(1).max(100_000).optional().describe("the broker's default"),
  replication: z.number().int().min(1).max(1000).optional().describe("the broker's default"),
  settings: z.record(z.string(), z.string()).default({}),
  confirm,
})
export const topicCreated = z.object({ done: z.boolean(), topic: z.string() })

export const deletion = z.object({ confirm })
export const topicDeleted = z.object({
  done: z.boolean(),
  topic: z.string(),
  records: count.nullable().describe('by offsets: what is or would be gone; null while a partition has no leader'),
  readers: list(topicReader),
})

export const settingChanges = z.object({
  changes: z.record(z.string(), z.string().nullable()).describe('null puts a setting back to its default'),
  confirm,
})
export const settingsChanged = z.object({ done: z.boolean(), settings: list(topicSetting) })
