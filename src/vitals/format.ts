/**
 * What an application tells of itself: records of one compacted topic, `<application>-vitals`, as JSON, so that anyone can read them
 * (`npx weir consume <application>-vitals`). Four kinds, told apart by `kind`; `v` is raised when a reader of the former format would
 * misunderstand one, and readers pass over versions that they don't know. Fields may be added without that.
 *
 * Times are Unix ms by the writer's clock, lengths of time ms, counts since the process started.
 */

/** The topology as it runs, under the key `topology`: written by each worker that starts. */
export interface TopologyVitals {
  readonly v: 1
  readonly kind: 'topology'
  readonly application: string
  /** Changes when the topology does. */
  readonly epoch: string
  /** weir's version. */
  readonly version: string
  readonly atMs: number
  readonly parts: readonly PartVitals[]
  readonly stores: readonly StoreDescription[]
  readonly ends: readonly EndDescription[]
  /** By which names the stores are asked for, where the topology says so; the first is the usual one. */
  readonly queries?: { readonly key: string; readonly stores: Readonly<Record<string, string>> }
}

/** A sub-topology: its steps feed one another, one task a partition. */
export interface PartVitals {
  readonly id: number
  readonly nodes: readonly NodeDescription[]
}

export interface NodeDescription {
  /** Unique in the topology. */
  readonly name: string
  /** `source`, `filter`, `windowAggregate`, `sink`, …: the language's kinds of steps. */
  readonly kind: string
  /** The steps of the same part that it gets its records from. */
  readonly parents: readonly string[]
  readonly stores: readonly string[]
  /** A topic. Its own node reads what another part's node writes: equal names lead from part to part. */
  readonly reads?: string
  /** A topic, or the name of an end (then `end` is set too). */
  readonly writes?: string
  /** The end outside Kafka that it writes to: the `name` of one of `ends`. */
  readonly end?: string
}

export interface StoreDescription {
  readonly name: string
  /** `keyValue`, `window`, `session`, … */
  readonly kind: string
  /** The part whose tasks have it; absent for a global table, which every worker has. */
  readonly part?: number
  readonly location: 'memory' | 'disk'
  /** How the keys are written (`text`, `integer`, `avro`), and the topic whose key schema they have. */
  readonly key: string
  readonly keyTopic: string
  /** How many tasks it is spread over: the key's partition of so many has it. */
  readonly width: number
  /** Whether questions about it are answered. */
  readonly canBeAsked: boolean
  /** Where its entries can be read; absent for a store that is derived anew. */
  readonly log?: StoreLog
}

/** The topic that has a store's entries, each under its key, and what a reader needs to show them. */
export interface StoreLog {
  readonly topic: string
  /** `state`: as weir writes state, in JSON or as doubles; `records`: a table's source topic, as its author writes it. */
  readonly holds: 'state' | 'records'
  /** From a window's start to its end, ms; absent where there are no windows, and for sessions, whose keys have both. */
  readonly windowMs?: number
  /** Values have their timestamps beside them. */
  readonly isStamped: boolean
  /** Named figures, in the order of the array that a value is: each takes so many places of it, which mean what `kind` says. */
  readonly figures?: readonly { readonly name: string; readonly places: number; readonly kind?: string }[]
}

export interface EndDescription {
  /** Unique in the topology: `postgres:sensor_rollups`. */
  readonly name: string
  /** `postgres`, `mqtt`, or an author's own. */
  readonly kind: string
  readonly guarantee: 'exactly_once' | 'at_least_once' | 'latest'
}

/** What a worker's life is in: those of `engine/worker/lifecycle.ts`, and the time before. */
export type WorkerStateName =
  | 'starting'
  | 'joining'
  | 'opening'
  | 'running'
  | 'waiting'
  | 'draining'
  | 'stopped'
  | 'failed'

/**
 * How one worker is, under the key `worker/<id>`, once a second. The last one stays: `stopped` and `failed` are last words; any other state
 * that grows old was a worker that was killed, or that can't reach Kafka.
 */
export interface Tally {
  readonly v: 1
  readonly kind: 'tally'
  readonly application: string
  /** A new one with each start of the process. */
  readonly worker: string
  /** Of the topology that it runs. */
  readonly epoch: string
  readonly version: string
  readonly host: string
  readonly pid: number
  readonly startedAtMs: number
  readonly atMs: number
  /** How often it writes one. */
  readonly everyMs: number
  readonly state: WorkerStateName
  /** Since when it is in that state. */
  readonly stateSinceMs: number
  /** Set while it restores state for longer than 2 s: records read so far, their share of what there is to read (0 to 1), and how long the rest takes. */
  readonly restoring?: { readonly records: number; readonly share: number; readonly leftMs: number }
  /** What it waits for or gave up on, in the error's own words. */
  readonly reason?: string
  /** Services that don't answer it. */
  readonly outages: readonly Outage[]
  readonly tasks: readonly TaskTally[]
  /** Tasks of other workers whose state it follows, and how many changelog records each still lacks. */
  readonly standbys: readonly { readonly task: string; readonly lag: number }[]
  readonly nodes: readonly NodeTally[]
  readonly ends: readonly EndTally[]
  readonly commits: CommitTally
  readonly process: ProcessTally
}

export interface Outage {
  /** `Kafka`, `Postgres`, `MQTT`, `the schema registry`, `disk`, or what an author's end calls itself. */
  readonly service: string
  readonly sinceMs: number
  readonly reason: string
}

/** `running`; `searching`: an end has refused a record and it is looked for; `holding`: nothing is processed until a service is back. */
export type TaskStatus = 'running' | 'searching' | 'holding'

export interface TaskTally {
  /** `0_3`: sub-topology and partition. */
  readonly id: string
  readonly part: number
  readonly partition: number
  readonly status: TaskStatus
  /** Its watermark: the largest event time that it has processed; -1 before the first. */
  readonly streamTimeMs: number
  /** Records processed; those that a rollback repeats count again. */
  readonly processed: number
  /** Records a second, over the last few seconds. */
  readonly rate: number
  /** What it has gathered for its ends and that they haven't taken, bytes. */
  readonly queuedBytes: number
  readonly inputs: readonly InputTally[]
  readonly stores: readonly StoreTally[]
}

export interface InputTally {
  readonly topic: string
  readonly partition: number
  /** Everything below is processed. */
  readonly position: number
  /** The partition's end; absent until it is known. */
  readonly end?: number
  /** Records between both; absent until it is known. Control records of transactions count too. */
  readonly lag?: number
  /** How long ago the next record that isn't processed was written to Kafka; 0 where there is none, absent until it is known. */
  readonly lagMs?: number
  /** The Kafka timestamp of the last record that was processed; absent before the first. */
  readonly lastRecordMs?: number
}

export interface StoreTally {
  readonly name: string
  readonly entries: number
  /** What its copy on disk takes; absent for stores in memory. */
  readonly bytes?: number
}

export interface NodeTally {
  readonly name: string
  /** Records that went out of it: to the next step, or of `sink` and `to` to their end or topic. */
  readonly passed: number
  /** The same a second, over the last few seconds. */
  readonly rate: number
  /** Records and results that failed in it. */
  readonly errors: number
  readonly lastError?: Fault
  /** Windows that records came too late for, and final results of windows. */
  readonly late: number
  readonly windowsClosed: number
}

/** A record or result that became a dead letter, or was left out. */
export interface Fault {
  readonly atMs: number
  /** The error's class: `DecodeError`, `ContentError`, … */
  readonly error: string
  readonly reason: string
  readonly topic: string
  readonly partition: number
  /** -1 for a result that no record has caused. */
  readonly offset: number
}

export interface EndTally {
  /** As in the topology's `ends`. */
  readonly name: string
  readonly kind: string
  /** Handed to it; what a rollback repeats counts again. */
  readonly records: number
  readonly bytes: number
  /** Records a second, over the last few seconds. */
  readonly rate: number
  /** Gathered for it and not yet taken, bytes. */
  readonly queuedBytes: number
  /** Of an end that keeps only the latest value per address: values that newer ones have overtaken before they were sent. */
  readonly skipped?: number
  /** How long its share of the last commits took, from asked to proven. */
  readonly commitMs?: Quantiles
  /** How old the oldest record of each of the last commits was, by its Kafka timestamp, when the end had proven to hold it. */
  readonly ageMs?: Quantiles
  /** Set while it holds the job up: it is away, or has been asked to commit and hasn't answered for over a second. */
  readonly heldSinceMs?: number
  readonly reason?: string
}

/** Of the commits of the last 30 s, at most 256; absent where there was none. */
export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export interface CommitTally {
  readonly count: number
  readonly rollbacks: number
  /** Absent before the first. */
  readonly lastAtMs?: number
  /** From the first end to Kafka. */
  readonly ms?: Quantiles
  /** Set while one is under way. */
  readonly underWaySinceMs?: number
}

export interface ProcessTally {
  readonly rssBytes: number
  readonly heapBytes: number
  /** The share of one core that it used since the last tally; several threads can use more than 1. */
  readonly cpu: number
}

/**
 * Some of the records that went out of each step in the last second, under the key `samples/<worker>`: a few a step, as text. What went
 * into a step came out of its parents.
 */
export interface SamplesVitals {
  readonly v: 1
  readonly kind: 'samples'
  readonly application: string
  readonly worker: string
  readonly atMs: number
  readonly nodes: readonly { readonly name: string; readonly records: readonly SampledRecord[] }[]
}

export interface SampledRecord {
  readonly atMs: number
  /** JSON, cut where it is long (then it ends with `…`). */
  readonly key: string
  readonly value: string
  /** Event time. */
  readonly timestamp: number
}

export type VitalsRecord = TopologyVitals | Tally | SamplesVitals
