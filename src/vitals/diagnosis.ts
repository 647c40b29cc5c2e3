/** How something is: `green`, `amber` (worth a look: slower, silent, letters written) or `red` (something isn't done that should be). */
export type Colour = 'green' | 'amber' | 'red'

/** What kind of fault it is, for icons, tests and links to what mends it. */
export type FaultKind =
  | 'end-stopped'
  | 'end-slow'
  | 'end-unfit'
  | 'worker-lost'
  | 'worker-failed'
  | 'worker-waiting'
  | 'no-workers'
  | 'poison-record'
  | 'schema-refused'
  | 'key-silent'
  | 'source-silent'
  | 'broker-down'
  | 'lag-growing'
  | 'disk-full'
  | 'vitals-old'

/** One thing that is wrong, with its causes: the first link is the root, the last what a user notices. */
export interface Finding {
  readonly kind: FaultKind
  readonly colour: Exclude<Colour, 'green'>
  /** One sentence: `Postgres has refused connections for 40 s`. */
  readonly sentence: string
  /** `["Postgres has refused connections for 40 s", "end postgres:readings holds", "consuming paused", "lag 812,000 records, 40 s, growing"]` */
  readonly chain: readonly string[]
  readonly sinceMs?: number
  /** What is red or amber for this reason, by the names of the model. */
  readonly touches: {
    readonly workers?: readonly string[]
    readonly tasks?: readonly string[]
    readonly nodes?: readonly string[]
    readonly ends?: readonly string[]
    readonly topics?: readonly string[]
    readonly keys?: readonly string[]
  }
}

/** An application's state and why: every part that isn't named is green. */
export interface Diagnosis {
  readonly application: string
  readonly colour: Colour
  /** The worst finding's sentence, or that all is well: `caught up, 20,012 records/s`. */
  readonly sentence: string
  /** Worst first. */
  readonly findings: readonly Finding[]
  readonly tasks: Readonly<Record<string, Colour>>
  readonly nodes: Readonly<Record<string, Colour>>
  readonly ends: Readonly<Record<string, Colour>>
  readonly workers: Readonly<Record<string, Colour>>
}

/** What vitals don't say and somebody else may know: each part is optional, and what isn't given isn't judged. */
export interface Surroundings {
  /** Set while the reader itself can't reach Kafka: what the vitals say is as old as that. */
  readonly kafkaAway?: { readonly sinceMs: number; readonly reason: string }
  /** Brokers that the cluster had and has no more: `3 (kafka-3:9092)`. */
  readonly brokersAway?: readonly { readonly name: string; readonly sinceMs: number }[]
  /** Members of consumer groups, by application. */
  readonly members?: ReadonlyMap<string, number>
  /** Keys that have stopped coming, sensors say, of each topic whose keys somebody follows. */
  readonly silentKeys?: readonly SilentKeys[]
}

export interface SilentKeys {
  readonly topic: string
  /** How many keys are silent: `keys` has some of them. */
  readonly count: number
  readonly keys: readonly {
    readonly key: string
    readonly lastMs: number
    /** Undefined while it isn't known yet. */
    readonly usuallyEveryMs: number | undefined
  }[]
}
