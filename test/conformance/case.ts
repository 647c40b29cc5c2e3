import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A function of the library by name, with its parameters. */
export interface FunctionSpec {
  readonly fn: string
  readonly [parameter: string]: any
}

/** One step of a case's topology; its fields depend on `op` and on what `from` is. */
export interface NodeSpec {
  readonly id: string
  readonly op: string
  readonly [field: string]: any
}

export interface InputRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: unknown
  readonly timestamp: number
}

export type Input = InputRecord | { readonly advanceWallClockMs: number }

export interface Output {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp?: number
  readonly afterInput: number
}

/** A case as Kafka Streams' recording has it. */
export interface Case {
  readonly name: string
  readonly title: string
  readonly spec: { readonly nodes: readonly NodeSpec[] }
  readonly initialWallClockMs?: number
  readonly inputs: readonly Input[]
  readonly tags?: readonly string[]
  readonly outputs: readonly Output[]
  /** What Kafka Streams answers when its stores keep everything: where it is there, it binds. */
  readonly lossFreeOutputs?: readonly Output[]
}

/** The cases that come with the project. */
export const ownCases = join(__dirname, 'cases')

/** Every family of a folder, from `<family>.json` and `<family>.json.gz`, in order of name. */
export function loadCases(folder: string): Map<string, readonly Case[]> {
  const families = new Map<string, readonly Case[]>()
  for (const file of readdirSync(folder).sort()) {
    const family = /^(.+?)\.json(\.gz)?$/.exec(file)
    if (family === null) continue
    const bytes = readFileSync(join(folder, file))
    families.set(family[1]!, JSON.parse((family[2] === undefined ? bytes : gunzipSync(bytes)).toString('utf8')))
  }
  return families
}
