import type { Cluster, KafkaConfig } from '../../ops/cluster'
import type { Registry } from '../../ops/registry'
import type { Format, Output } from './output'

/** What an argument or option stands for: how the shell completes it. */
export type Completes = 'topic' | 'group' | 'subject' | 'application' | 'topology' | 'file' | readonly string[]

export interface VerbArgument {
  /** As commander writes it: `<topic>`, `[group...]`. */
  readonly name: string
  readonly about: string
  readonly completes?: Completes
}

export interface VerbOption {
  /** As commander writes it: `-n, --count <n>`. */
  readonly flags: string
  readonly about: string
  /** Reads the text; throws UsageError. The earlier value is there for an option that may be repeated. */
  readonly parse?: (text: string, earlier: unknown) => unknown
  readonly default?: unknown
  /** Only these are taken. */
  readonly choices?: readonly string[]
  readonly completes?: Completes
}

/** What a verb is called with. */
export interface Call<O = Record<string, unknown>> {
  /** In the order of the verb's arguments; a `[name...]` one is the rest. */
  readonly args: readonly string[]
  readonly options: O
  readonly out: Output
  readonly timeoutMs: number
  /** The Kafka cluster; opened at the first call, closed by the command itself. */
  readonly cluster: Cluster
  /** How the cluster is reached, for what opens connections of its own. */
  readonly kafka: Omit<KafkaConfig, 'clientId'>
  readonly registryUrl: string
  /** False when nobody named a registry, so that the local stack's is meant if it runs. */
  readonly registryNamed: boolean
  readonly registry: () => Registry
  /** Aborted by the first Ctrl-C or SIGTERM: finish what is under way, say what was done. */
  readonly stop: AbortSignal
}

/** One command: `weir topics list`. */
export interface Verb<O = Record<string, unknown>> {
  readonly arguments?: readonly VerbArgument[]
  readonly options?: readonly VerbOption[]
  /** Options that follow from the command line (the words after the verb): of what it names. */
  readonly optionsFor?: (words: readonly string[]) => Promise<readonly VerbOption[]>
  /** Paragraphs after the summary. */
  readonly about?: string
  /** The command line without `weir`, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** The format without `-o` (table). */
  readonly output?: Format
  /** Throws what src/cli/shared/exit-code.ts turns into an exit code. */
  run(call: Call<O>): Promise<void>
}

/** Gives a verb's options their types; what `run` gets is what commander read by `options`. */
export function verb<O>(definition: Verb<O>): Verb {
  return definition as unknown as Verb
}
