export interface ObserverStart {
  readonly mqttUrl: string
  /** The filter that raw readings and rollups match. */
  readonly filter: string
  readonly databaseUrl: string
  readonly table: string
}

/** Quantiles of a latency, ms; undefined where nothing was seen. */
export interface Latency {
  readonly count: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  readonly max: number
}

/** What a subscriber has received so far. */
export interface ObserverStatus {
  readonly distinct: number
  readonly duplicates: number
  /** Messages that are no readings. */
  readonly foreign: number
  /** Rollups of windows that have ended since the observer's start: retained ones of earlier windows may come again. */
  readonly windows: number
  /** How often the broker went away. */
  readonly outages: number
  /** From a reading's timestamp to its message, since the last status: what is happening now. */
  readonly recent: Latency
}

export interface ObserverReport extends ObserverStatus {
  readonly toSubscriber: Latency
  /** To the first SELECT that sees the row. */
  readonly toSelect: Latency
  /** By sensor: number, count and two sums of hashes, as in ReadingSet. */
  readonly sensors: readonly (readonly [number, number, number, number])[]
}

export interface ObserverCommand {
  readonly start?: ObserverStart
  /** Asks for the report of what has been seen until now. */
  readonly report?: true
}

export interface ObserverAnswer {
  /** The broker has confirmed the subscription. */
  readonly subscribed?: true
  readonly status?: ObserverStatus
  readonly report?: ObserverReport
  /** A service went away; the observer waits for it. */
  readonly warning?: string
}
