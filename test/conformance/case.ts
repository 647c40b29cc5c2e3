import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
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
  /** The loss-free outputs aren't the folder's, but were recorded for this project. */
  readonly isSupplied?: boolean
}

/** The cases that come with the project: the given corpus, and what was recorded beside it. */
export const ownCases = [join(__dirname, 'cases'), join(__dirname, 'recorded')]

/**
 * Every family of the folders, from `<family>.json` and `<family>.json.gz`, in order of name; no case is left out where several files
 * have the same family.
 */
export function loadCases(folders: readonly string[]): Map<string, readonly Case[]> {
  const families = new Map<string, readonly Case[]>()
  const files = folders.flatMap(folder => readdirSync(folder).map(file => [folder, file] as const))
  for (const [folder, file] of files.sort(([, a], [, b]) => (a < b ? -1 : 1))) {
    const family = /^(.+?)\.json(\.gz)?$/.exec(file)
    if (family === null) continue
    const cases = readCases(join(folder, file), family[2] !== undefined).map(supplied)
    families.set(family[1]!, [...(families.get(family[1]!) ?? []), ...cases])
  }
  if (families.size === 0) throw new Error(`no cases in ${folders.join(', ')}: there is no <family>.json or .json.gz`)
  return families
}

function readCases(path: string, isCompressed: boolean): Case[] {
  try {
    const bytes = readFileSync(path)
    return JSON.parse((isCompressed ? gunzipSync(bytes) : bytes).toString('utf8'))
  } catch (cause) {
    throw new Error(`${path} holds no cases: ${(cause as Error).message}`, { cause })
  }
}

/**
 * What Kafka Streams answers to the hand-written examples of its own losses when its stores keep everything: the examples were
 * recorded with its default retention only. See recorder/RecordWindowed.java.
 */
const lossFree: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(join(__dirname, 'loss-free.json.gz'))).toString('utf8'),
)

function supplied(each: Case): Case {
  if (each.lossFreeOutputs !== undefined) return each
  const { name, spec, inputs } = each
  const found = lossFree.find(other => isDeepStrictEqual([other.name, other.spec, other.inputs], [name, spec, inputs]))
  return found === undefined ? each : { ...each, lossFreeOutputs: found.lossFreeOutputs!, isSupplied: true }
}
