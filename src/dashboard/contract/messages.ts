import { z } from 'zod'
import { confirm, count, list, ms } from './common'

/** As the CLI's --key-format and --value-format. */
export const format = z.enum([
  ...(['auto', 'avro', 'json', 'text'] as const),
  ...(['short', 'int', 'long', 'float', 'double', 'base64', 'hex'] as const),
])
export type MessageFormat = z.infer<typeof format>

/** Keys and values as they are read. */
export const part = z.object({
  text: z.string().nullable().describe('JSON on one line, a text, base64 or hex; null for no bytes at all'),
  kind: z.enum(['null', 'avro', 'json', 'text', 'base64', 'number', 'hex']),
  schemaId: z.number().nullable(),
  bytes: count.describe('its length in the log'),
  cut: z.boolean().describe('`text` is only its beginning: ask for the message alone'),
})
export type MessagePart = z.infer<typeof part>

export const messageHeader = z.object({
  name: z.string(),
  value: z.string().nullable(),
  base64: z.boolean().describe('`value` is base64, since it is no UTF-8'),
})

export const message = z.object({
  partition: z.number(),
  offset: z.number(),
  timestampMs: ms,
  timestampType: z.enum(['create', 'logappend']),
  key: part,
  value: part,
  headers: list(messageHeader),
})
export type Message = z.infer<typeof message>

export const unreadable = z.object({ what: z.string(), records: count })

/** How records are chosen and read; the same for browsing, searching and following. */
export const reading = {
  partitions: z
    .string()
    .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'write partitions as 3 or 0,2,5-7')
    .optional(),
  filter: z.string().max(10_000).optional().describe('the CLI\'s: value.temperature > 30 && key == "7"'),
  keyFormat: format.default('auto'),
  valueFormat: format.default('auto'),
  uncommitted: z.stringbool().default(false).describe('also records of open and aborted transactions'),
}

export const messagesQuery = z.object({
  partitions: reading.partitions,
  keyFormat: reading.keyFormat,
  valueFormat: reading.valueFormat,
  uncommitted: reading.uncommitted,
  from: z
    .string()
    .max(100)
    .default('latest')
    .describe('earliest, latest, an offset, or @ with a time: 2026-11-22T15:00:00Z, unix ms, -10m. Not with cursor'),
  direction: z.enum(['older', 'newer']).optional().describe('older than `from` (the default at latest) or newer'),
  cursor: z.string().max(100_000).optional().describe('`older` or `newer` of a page: continues from there'),
  limit: z.coerce.number<number>().int().min(1).max(1000).default(50),
})
export const messagePage = z.object({
  messages: list(message).describe('in order of their times, the oldest first; within a partition by offset'),
  older: z.string().nullable().describe('cursor of the page before; null where the log begins'),
  newer: z.string().describe('cursor of the page after, which may be empty today'),
  atEnd: z.boolean().describe('nothing newer was there'),
  unreadable: list(unreadable),
})
export type MessagePage = z.infer<typeof messagePage>

export const messageQuery = z.object({ keyFormat: reading.keyFormat, valueFormat: reading.valueFormat })

export const newMessage = z.object({
  key: z.string().nullable().default(null),
  value: z.string().nullable().describe('null is a tombstone'),
  headers: list(z.tuple([z.string(), z.string()])).default([]),
  partition: z.number().int().min(0).optional().describe('by key, as Java does it'),
  timestampMs: z.number().int().min(0).optional(),
  keyFormat: z.enum(['text', 'short', 'int', 'long', 'float', 'double', 'base64', 'hex']).default('text'),
  valueFormat: z
    .enum(['auto', 'avro', 'json', 'text'])
    .default('auto')
    .describe("auto writes Avro where the registry has the topic's schema"),
  confirm,
})
export const messageProduced = z.object({ done: z.boolean(), topic: z.string(), acknowledged: count })
