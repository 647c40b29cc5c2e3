import { changelogTopic, deadLetterTopic, timesTopic } from '../../names'

/** One rollup of the job: its window, and every place where its figures are. */
export interface RollupSpec {
  readonly name: string
  readonly sizeMs: number
  /** Topic of the closed windows, and the Postgres table of the same name. */
  readonly topic: string
  readonly table: string
  /** Changelog of the open ones, and of closed ones that stay to be asked for. */
  readonly changelog: string
  /** Key in the times topic: up to when windows have closed. */
  readonly closedKey: string
}

/** What is audited: the ends of `topology/sensors.ts`, by name. */
export interface Job {
  readonly application: string
  readonly topic: string
  readonly table: string
  readonly graceMs: number
  readonly rollups: readonly RollupSpec[]
  /** Where readings go that came in another partition than their sensor's. */
  readonly repartitionTopic: string
  readonly deadLetters: string
  readonly times: string
  /** Keys in the times topic: the task's time, and what its idle clock decided. */
  readonly timeKey: string
  readonly idleKey: string
}

const application = 'sensors'

const rollupOf = (name: string, sizeMs: number): RollupSpec => ({
  name,
  sizeMs,
  topic: `sensor_data_${name}`,
  table: `sensor_data_${name}`,
  changelog: changelogTopic(application, `rollup-${name}`),
  closedKey: `rollup-${name}/closed`,
})

export const sensorsJob: Job = {
  application,
  topic: 'sensor_data',
  table: 'sensor_data',
  graceMs: 5000,
  rollups: [rollupOf('10s', 10_000), rollupOf('1m', 60_000)],
  repartitionTopic: `${application}-by-sensor-repartition`,
  deadLetters: deadLetterTopic('sensor_data'),
  times: timesTopic(application),
  timeKey: 'sensor_data/stream-time',
  idleKey: 'sensor_data/idle',
}
