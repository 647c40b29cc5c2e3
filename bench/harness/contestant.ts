import type { Client } from 'pg'
import type { Load } from './load'
import type { Services } from './services'

/** Windows that a contestant writes: its own shape of them, brought to one. */
export interface Windows {
  readonly sizeS: number
  readonly graceS: number
  /** Level below the sensor's topic: `10s`. */
  readonly mqtt: string
  /** The broker's counter leaves retained publishes out (mosquitto masks the first byte with 0xF5). */
  readonly retained: boolean
  /** Rows of (sensor_id, ws: start in unix seconds, count, min, max, avg). */
  readonly sql: string
}

/** A program that drains a loaded topic into MQTT and Postgres. */
export interface Contestant {
  readonly name: string
  /** What a crash may do to its rows in Postgres. */
  readonly guarantee: string
  readonly load: Load
  readonly databaseUrl: string
  /** Its table of raw readings. */
  readonly rawTable: string
  /** Rows of (sensor_id, temperature, ts: unix seconds) and what tells them apart. */
  readonly rawSql: string
  readonly distinct: string
  readonly windows: readonly Windows[]
  readonly command: readonly string[]
  /** How long it may take in all, s. */
  readonly limitS: number
  /** Leaves nothing of a former run: it then begins at the topic's start. */
  prepare(db: Client): Promise<void>
  /** Settings of one run, on top of this process's own. */
  environment(run: string): NodeJS.ProcessEnv
  /** Removes what the run left in Kafka and on the disk. */
  cleanUp?(run: string): Promise<void>
}

/** A drain is given up when it is slower than this; the fixed part is for starting. */
export const limitFor = (load: Load, slowest = 8000): number => 60 + load.total / slowest

export type Build = (load: Load, services: Services) => Promise<Contestant>
