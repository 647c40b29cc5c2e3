import { z } from 'zod'
import type { Diagnosis } from '../../vitals/diagnosis'
import type { Application } from '../../vitals/model'
import { list } from './common'

/** An application as its vitals tell of it, and what is wrong with it. Both are described in src/vitals. */
export interface ApplicationState {
  readonly application: Application
  readonly diagnosis: Diagnosis
}

/** The shapes are those of `src/vitals`: who wrote them may know more than this version, and what is added is passed on. */
const isState = (given: unknown): given is ApplicationState =>
  typeof given === 'object' && given !== null && 'application' in given && 'diagnosis' in given

export const applicationState = z.custom<ApplicationState>(isState).meta({
  description: 'application: src/vitals/model.ts, Application; diagnosis: src/vitals/diagnosis.ts, Diagnosis',
})
export const applicationList = z.object({
  applications: list(applicationState).describe('in alphabetical order'),
  complete: z.boolean().describe('false: what was written before this server began is still being read'),
})
export type ApplicationList = z.infer<typeof applicationList>
