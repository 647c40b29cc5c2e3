import { z } from 'zod'
import { confirm, count, list, ms, pageOf, pageQuery } from './common'

export const groupsQuery = z.object({
  ...pageQuery,
  sort: z.enum(['group', 'lag', 'members', 'state']).default('group'),
  descending: z.stringbool().default(false),
  warned: z.stringbool().default(false).describe('only groups with a warning'),
})

/** What should not be so, and why somebody would care. */
export const groupWarning = z.object({
  code: z.enum(['nobody-reads', 'rebalancing', 'idle-members', 'never-committed', 'topic-gone', 'lag-grows']),
  what: z.string(),
})
export type GroupWarning = z.infer<typeof groupWarning>

export const groupRow = z.object({
  group: z.string(),
  state: z.string().describe('Stable, Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead'),
  members: count,
  topics: count,
  lag: z.number().nullable().describe('records; null when no partition’s lag is known'),
  lagTrend: z.number().nullable().describe('records a second; below 0 it shrinks'),
  weir: z.boolean().describe('the group of a weir application'),
  warnings: list(groupWarning),
  sampledAgoMs: z.number().nullable().describe('how old lag, members and warnings are; null when not yet sampled'),
})
export type GroupRow = z.infer<typeof groupRow>
export const groupPage = pageOf(groupRow)
export type GroupPage = z.infer<typeof groupPage>

const assigned = list(z.object({ topic: z.string(), partitions: list(z.number()) }))
export const groupMember = z.object({
  memberId: z.string(),
  instanceId: z.string().nullable(),
  clientId: z.string(),
  host: z.string(),
  assigned,
  tasks: z
    .object({ active: list(z.string()), standby: list(z.string()) })
    .nullable()
    .describe('of a worker of weir'),
})
export type GroupMemberView = z.infer<typeof groupMember>

export const groupPartition = z.object({
  topic: z.string(),
  partition: z.number(),
  currentOffset: z.number().nullable(),
  logEndOffset: z.number().nullable(),
  lag: z.number().nullable(),
  memberId: z.string().nullable(),
  host: z.string().nullable(),
  clientId: z.string().nullable(),
  task: z.string().nullable(),
})
export type GroupPartitionView = z.infer<typeof groupPartition>

export const topicLag = z.object({
  topic: z.string(),
  partitions: count,
  lag: z.number().nullable(),
  most: z.number().nullable().describe('the largest lag of one partition'),
})

export const groupView = z.object({
  group: z.string(),
  state: z.string(),
  protocolType: z.string(),
  assignor: z.string(),
  coordinator: z.number(),
  weir: z.boolean(),
  lag: z.number().nullable(),
  lagTrend: z.number().nullable(),
  behindMs: z
    .number()
    .nullable()
    .describe('how old the oldest record is that was not yet read; 0 without lag, null where it is not known'),
  caughtUpInMs: z.number().nullable().describe('at the present trend; null while the lag grows or is none'),
  uncommitted: count.describe('partitions that can be read and have no offset yet: their lag is not in `lag`'),
  idle: list(z.string()).describe('members without a partition'),
  warnings: list(groupWarning),
  members: list(groupMember),
  topics: list(topicLag),
  partitions: list(groupPartition),
})
export type GroupView = z.infer<typeof groupView>

/** Lag over time, as the server has seen it since it runs: an hour at most. */
export const lagSeries = z.object({
  group: z.string(),
  everyMs: z.number(),
  atMs: list(ms),
  lag: list(z.number().nullable()).describe('as many as atMs'),
})
export type LagSeries = z.infer<typeof lagSeries>

export const groupReset = z.object({
  topics: list(z.object({ topic: z.string(), partitions: list(z.number()).optional() }))
    .optional()
    .describe('without it all that the group has offsets for'),
  to: z.string().max(100).optional().describe('earliest, latest, an offset, @time'),
  shiftBy: z.number().int().optional().describe('instead of `to`'),
  confirm,
})
export const resetRow = z.object({
  topic: z.string(),
  partition: z.number(),
  currentOffset: z.number().nullable(),
  newOffset: z.number(),
  change: z.number().nullable(),
  clamped: z.boolean().describe('what was asked for lies outside of the log, so its end is taken'),
})
export const groupResetDone = z.object({ done: z.boolean(), group: z.string(), rows: list(resetRow) })
export const groupDeletion = z.object({ topic: z.string().optional().describe('only the offsets of it'), confirm })
export const groupDeleted = z.object({
  done: z.boolean(),
  group: z.string(),
  topic: z.string().nullable(),
  offsets: count,
})
