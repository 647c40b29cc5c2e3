import { z } from 'zod'
import { list, pageOf, pageQuery } from './common'

export const subjectsQuery = z.object(pageQuery)
export const subjectRow = z.object({ subject: z.string() })
export const subjectPage = pageOf(subjectRow)

export const subjectView = z.object({
  subject: z.string(),
  versions: list(z.number()),
  compatibility: z.string().describe('BACKWARD, FULL, NONE, ...'),
})
export type SubjectView = z.infer<typeof subjectView>

export const schemaView = z.object({
  subject: z.string(),
  version: z.number(),
  id: z.number(),
  type: z.string().describe('AVRO, JSON or PROTOBUF'),
  schema: z.string().describe('its text as it was registered'),
  references: list(z.object({ name: z.string(), subject: z.string(), version: z.number() })),
})
export type SchemaView = z.infer<typeof schemaView>

export const schemaDiffQuery = z.object({
  from: z.coerce.number<number>().int().min(1),
  to: z.coerce.number<number>().int().min(1),
})
export const schemaChange = z.object({
  change: z.enum(['added', 'removed', 'changed']),
  field: z.string().describe("its path, device.id; the record's own attributes stand under (record)"),
  from: z.string().nullable(),
  to: z.string().nullable(),
})
export type SchemaChangeView = z.infer<typeof schemaChange>
export const schemaDiff = z.object({
  subject: z.string(),
  from: z.number(),
  to: z.number(),
  changes: list(schemaChange).describe('field by field; empty for what is no Avro'),
})
