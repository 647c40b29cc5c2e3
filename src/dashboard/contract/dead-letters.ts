import { z } from 'zod'
import { confirm, count, list, ms } from './common'
import { message } from './messages'

/** Letters with the same application, topic, step and error. */
export const deadLetterGroup = z.object({
  id: z.string().describe('for the other calls'),
  topic: z.string().describe('the topic of dead letters'),
  application: z.string().describe('empty where the letter does not say, as for all below'),
  origin: z.string().describe('the topic that the bad record was read from'),
  step: z.string(),
  errorClass: z.string(),
  errorMessage: z.string().describe('of the last one'),
  errorAt: z.string().nullable().describe("the place in the author's code, file:line:column"),
  letters: count,
  redriven: count.describe('of them, those sent again already'),
  firstMs: ms,
  lastMs: ms,
})
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>
export const deadLetterGroups = z.object({
  groups: list(deadLetterGroup).describe('the latest first'),
  topics: list(z.string()),
  looked: count.describe('letters that were looked at'),
  all: z.boolean().describe('false: only the newest letters of each topic were looked at'),
})
export type DeadLetterGroups = z.infer<typeof deadLetterGroups>

export const deadLettersQuery = z.object({
  application: z.string().max(500).optional(),
  topic: z.string().max(249).optional().describe('of dead letters'),
})
export const letterQuery = z.object({
  limit: z.coerce.number<number>().int().min(1).max(500).default(50),
})
export const deadLetter = z.object({
  message: message.describe('the letter: key and value as they were'),
  application: z.string(),
  task: z.string(),
  step: z.string(),
  errorClass: z.string(),
  errorMessage: z.string(),
  errorAt: z.string().nullable(),
  stack: z.string().nullable(),
  origin: z
    .object({ topic: z.string(), partition: z.number(), offset: z.number(), timestampMs: ms })
    .nullable()
    .describe('null for a result that no single record has caused'),
  cut: z.boolean().describe('it was too large to be kept whole, so it can not be sent again'),
  redriven: z.boolean(),
})
export type DeadLetterView = z.infer<typeof deadLetter>
export const deadLetterList = z.object({ group: deadLetterGroup, letters: list(deadLetter) })

export const redrive = z.object({
  ids: list(z.object({ partition: z.number().int(), offset: z.number().int() }))
    .optional()
    .describe('only these letters of the group; without it all that were not sent yet'),
  confirm: confirm.describe('the name of the topic that the records go to again'),
})
export const redriven = z.object({
  done: z.boolean(),
  to: z.string(),
  letters: count.describe('that were or would be sent again'),
  passed: list(z.object({ why: z.string(), letters: count })),
})
