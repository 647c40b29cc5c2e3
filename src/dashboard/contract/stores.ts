import { z } from 'zod'
import { count, list, ms } from './common'

export const storeQuery = z.object({
  search: z.string().max(500).default('').describe('only entries whose key has it in it'),
  offset: z.coerce.number<number>().int().min(0).default(0),
  limit: z.coerce.number<number>().int().min(1).max(200).default(50),
})
export const storeEntry = z.object({
  partition: z.number().int(),
  key: z.string().describe('a text as it is, anything else as JSON'),
  window: z.object({ startMs: ms, endMs: ms.nullable() }).nullable().describe('event time, ms; null without windows'),
  value: z.string().describe('JSON, cut where it is long'),
  timestampMs: ms.nullable().describe('event time; null where the store keeps none'),
})
export const storeEntries = z.object({
  topic: z.string().describe('the topic that has the entries'),
  rows: list(storeEntry).describe('the latest change first; of a search the very key first, then the newest window'),
  matching: count,
  total: count.describe('entries that have been read'),
  isComplete: z.boolean().describe('false: entries that have not changed for long may be missing'),
})
export type StoreEntries = z.infer<typeof storeEntries>
