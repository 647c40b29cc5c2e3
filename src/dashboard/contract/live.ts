import { z } from 'zod'
import { applicationNews, sampledRecords } from './applications'
import { count, list, outage, problem } from './common'
import { groupRow, lagSeries } from './groups'
import { message, reading, unreadable } from './messages'

/**
 * The live connection, a WebSocket at `/api/live`. The client subscribes with JSON texts (`ClientMessage`); the server answers with JSON texts
 * (`ServerMessage`), and with binary messages for `frames`. Each subscription has a number of the client's choice. A message that isn't sent
 * yet is replaced by the next one of the same subscription, never queued; where nothing may be lost (hits of a search) its source waits, and a tail
 * says how many records it has left out. While the page is hidden nothing is sent; when it is shown again, each subscription sends its present state.
 */
export const subscription = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('applications') }).describe('all applications, twice a second at most'),
  z
    .object({ kind: z.literal('samples'), application: z.string().max(500), node: z.string().max(500) })
    .describe('some of the records of the last second that went into a step and out of it'),
  z.object({ kind: z.literal('status') }).describe('services down and up'),
  z.object({
    kind: z.literal('groups'),
    groups: z.array(z.string()).max(1000).readonly().describe('rows of these groups'),
  }),
  z.object({ kind: z.literal('lag'), group: z.string() }).describe('the series at the start, then a point at a time'),
  z.object({
    kind: z.literal('search'),
    topic: z.string(),
    ...reading,
    uncommitted: z.boolean().default(false),
    from: z.string().max(100).default('earliest'),
    limit: z.number().int().min(1).max(1000).default(100).describe('ends after so many hits'),
  }),
  z.object({
    kind: z.literal('tail'),
    topic: z.string(),
    ...reading,
    uncommitted: z.boolean().default(false),
    last: z.number().int().min(0).max(200).default(10).describe('so many of each partition at the start'),
  }),
  z
    .object({
      kind: z.literal('frames'),
      view: z.string().max(200).describe('one of the settings’ `frames`'),
      query: z.string().max(2000).default('').describe("for the view: its part of the page's address"),
    })
    .describe('binary messages: u32 little-endian, the number of the subscription, then the frame'),
])
export type Subscription = z.input<typeof subscription>
export type SubscriptionKind = Subscription['kind']

const id = z.number().int().min(1).max(0xffff_ffff)
export const clientMessage = z.discriminatedUnion('do', [
  z.object({ do: z.literal('subscribe'), id, to: subscription }),
  z.object({ do: z.literal('unsubscribe'), id }).describe('stops a search, a tail, anything'),
  z.object({ do: z.literal('hidden'), hidden: z.boolean() }),
])
export type ClientMessage = z.input<typeof clientMessage>

export const searchProgress = z.object({
  hits: list(message).describe('those since the last message, in the order in which they were found'),
  found: count.describe('hits in all'),
  scanned: count.describe('offsets behind us'),
  total: count.describe('offsets in all'),
  elapsedMs: z.number(),
  done: z.enum(['end', 'limit']).nullable(),
  unreadable: list(unreadable).describe('since the last message, at most ten'),
})
export type SearchProgress = z.infer<typeof searchProgress>

export const tailed = z.object({
  messages: list(message).describe('since the last message, the oldest first'),
  leftOut: count.describe('records that passed and are in none of the messages, since the last message'),
  perSecond: z.number(),
})
export type Tailed = z.infer<typeof tailed>

export const lagEvent = z.object({
  series: lagSeries.nullable().describe('at the start'),
  point: z.object({ atMs: z.number(), lag: z.number().nullable() }).nullable(),
})

/** What the server sends for each kind of subscription: `{ id, kind, data }`. */
export const liveData = {
  applications: applicationNews,
  samples: sampledRecords,
  status: z.object({ outages: list(outage) }),
  groups: z.object({ rows: list(groupRow) }),
  lag: lagEvent,
  search: searchProgress,
  tail: tailed,
}

/** Ends a subscription that can't be served, or not any more. */
export const liveProblem = z.object({ id, kind: z.literal('problem'), data: problem })
export type LiveProblem = z.infer<typeof liveProblem>

/** What is sent for a subscription, by its kind; `problem` ends one of any kind. */
export type LiveData = { [K in keyof typeof liveData]: z.infer<(typeof liveData)[K]> } & {
  readonly problem: LiveProblem['data']
}
/** What the server says, as JSON. */
export type ServerMessage = {
  [K in keyof LiveData]: { readonly id: number; readonly kind: K; readonly data: LiveData[K] }
}[keyof LiveData]
