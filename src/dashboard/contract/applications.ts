import { z } from 'zod'
import type { Diagnosis } from '../../vitals/diagnosis'
import type { SampledRecord, Tally, TopologyVitals } from '../../vitals/format'
import type { Application, NodeView, WorkerView } from '../../vitals/model'
import { list } from './common'

/** An application as its vitals describe it, and what is wrong with it. Both are defined in src/vitals. */
export interface WholeState {
  readonly application: Application
  readonly diagnosis: Diagnosis
}

/** The same as it is sent to a page again and again: nothing twice, and no records. */
export interface ApplicationState {
  readonly application: ToldApplication
  readonly diagnosis: Diagnosis
}
export interface ToldApplication extends Omit<Application, 'workers' | 'nodes'> {
  readonly workers: readonly ToldWorker[]
  readonly nodes: readonly ToldNode[]
}
/** What its tally says of tasks, steps and ends is in the application's own lists. */
export interface ToldWorker extends Omit<WorkerView, 'tally'> {
  readonly tally: Omit<Tally, 'tasks' | 'nodes' | 'ends'>
}
export type ToldNode = Omit<NodeView, 'recordsIn' | 'recordsOut'>

/** The shapes are those of `src/vitals`: a newer worker may send more than this version knows, and that is passed on. */
const isState = (given: unknown): given is WholeState =>
  typeof given === 'object' && given !== null && 'application' in given && 'diagnosis' in given
const isTopology = (given: unknown): given is TopologyVitals =>
  typeof given === 'object' && given !== null && 'parts' in given
const isSample = (given: unknown): given is SampledRecord => typeof given === 'object' && given !== null

export const wholeState = z.custom<WholeState>(isState).meta({
  description: 'application: src/vitals/model.ts, Application; diagnosis: src/vitals/diagnosis.ts, Diagnosis',
})
export const applicationList = z.object({
  applications: list(wholeState).describe('in alphabetical order'),
  complete: z.boolean().describe('false: what was written before this server began is still being read'),
})
export type ApplicationList = z.infer<typeof applicationList>

const series = list(z.number().nullable()).describe('a point a second, the newest last; null where it is not known')
export const applicationHistory = z.object({ rate: series, lagMs: series, lagRecords: series })
export type ApplicationHistory = z.infer<typeof applicationHistory>

const told = z.custom<ApplicationState>(isState).meta({
  description: 'as in `GET /api/applications`, without the topology, sampled records and the lists of each tally',
})
export const applicationNews = z.object({
  applications: list(
    z.object({
      state: told,
      topology: z
        .custom<TopologyVitals>(isTopology)
        .nullable()
        .optional()
        .describe('left out: as it was told before; null: not known'),
      history: applicationHistory.optional().describe('with the first telling: the last minutes'),
    }),
  ).describe('in alphabetical order'),
  complete: z.boolean(),
})
export type ApplicationNews = z.infer<typeof applicationNews>

const sampled = list(z.custom<SampledRecord>(isSample)).describe('src/vitals/format.ts, SampledRecord; the newest last')
export const sampledRecords = z.object({ recordsIn: sampled, recordsOut: sampled })
export type SampledRecords = z.infer<typeof sampledRecords>
