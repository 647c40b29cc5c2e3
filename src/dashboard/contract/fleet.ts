import { z } from 'zod'
import { count, list, ms } from './common'

const column = list(z.number().nullable())

/** Databases know no later one than a date can be, or less. */
const time = z.coerce.number<number>().min(0).max(8.64e15)

export const fleetHistoryQuery = z.object({
  field: z.string().max(300).describe('the figure'),
  key: z.string().max(2000).describe('of which key, as text'),
  from: time.describe('ms since 1970'),
  to: time.describe('ms since 1970; exclusive'),
})

export const fleetHistory = z.object({
  rollups: z
    .object({
      table: z.string(),
      everyMs: z.number().describe('the length of a row'),
      fromMs: list(ms).describe('when each row begins, the oldest first'),
      low: column,
      high: column,
      mean: column,
      count: list(count).describe('readings of each row; 0 where the table does not say'),
    })
    .nullable()
    .describe('the finest table that fits the stretch of time; null where the database has none'),
  readings: z
    .object({ table: z.string(), timesMs: list(ms), values: column })
    .nullable()
    .describe('each reading, for short stretches; null where no table has them, or they would take too long to find'),
  storedUntilMs: ms.nullable().describe('what the tables hold ends here: what is live begins here'),
  completeness: z
    .object({
      share: z.number().describe('of the readings that were to be expected, 0 to 1'),
      expected: z.number().describe('readings in a row, when none is missing'),
      everyMs: z.number(),
      missingRows: count.describe('stretches without any reading'),
    })
    .nullable(),
})
export type FleetHistory = z.infer<typeof fleetHistory>
