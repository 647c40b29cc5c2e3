import { z } from 'zod'
import type { Diagnosis } from '../../vitals/diagnosis'
import type { Application } from '../../vitals/model'

/** An application as its vitals tell of it, and what is wrong with it. Its form is that of `src/vitals`, which has read it. */
export interface ApplicationState {
  readonly application: Application
  readonly diagnosis: Diagnosis
}
export const applicationState = z.custom<ApplicationState>()
