import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../errors'
import type { AvroNamed } from './avro-schema'
import { typesOf } from './schema-types'

/** The repository's `schemas/`. */
export const schemaFolder = resolve(__dirname, '../../schemas')

function parse(path: string): AvroNamed {
  let json: AvroNamed
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${path} is no JSON: ${(cause as Error).message}`, { cause })
  }
  const isWhole = json?.type === 'record' ? Array.isArray(json.fields) : json?.type === 'enum' || json?.type === 'fixed'
  if (!isWhole || typeof json.name !== 'string')
    throw new ConfigError(
      `${path} must hold one Avro record, enum or fixed type: {"type": "record", "name": ..., "fields": [...]}`,
    )
  return json
}

/** All schemas of a folder by file name without `.avsc`, in the order of their names. Throws ConfigError. */
export function readSchemas(folder = schemaFolder): Map<string, AvroNamed> {
  const files = filesOf(folder).filter(file => file.endsWith('.avsc'))
  if (files.length === 0) throw new ConfigError(`there is no .avsc file in ${folder}`)
  return new Map(files.sort().map(file => [file.slice(0, -'.avsc'.length), parse(join(folder, file))]))
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new ConfigError(`folder ${folder} can't be read: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** The `types.ts` of a folder as it should be, and whether it is. Throws ConfigError, TopologyError. */
export function typesFile(folder = schemaFolder): {
  readonly path: string
  readonly text: string
  readonly isSame: boolean
} {
  const path = join(folder, 'types.ts')
  // The repository's own schemas come before the package.
  const text = typesOf(readSchemas(folder), resolve(folder) === schemaFolder ? '../src/codecs/avro-schema' : undefined)
  return { path, text, isSame: existsSync(path) && readFileSync(path, 'utf8') === text }
}

/** Writes `types.ts` beside the schemas, unless it is right already; returns its path. Throws ConfigError, TopologyError. */
export function writeTypes(folder = schemaFolder): string {
  const { path, text, isSame } = typesFile(folder)
  if (!isSame) writeFileSync(path, text)
  return path
}
