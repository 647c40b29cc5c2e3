import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError, NotFoundError } from '../errors'
import type { AvroNamed } from './avro-schema'
import type { JsonSchemaJson } from './json-schema'
import { jsonSchemaEnd } from './json-schema-types'
import { typesOf } from './schema-types'

/** The repository's `schemas/`. */
export const schemaFolder = resolve(__dirname, '../../schemas')

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${path} is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function parse(path: string): AvroNamed {
  const json = jsonOf(path) as AvroNamed
  const isWhole = json?.type === 'record' ? Array.isArray(json.fields) : json?.type === 'enum' || json?.type === 'fixed'
  if (!isWhole || typeof json.name !== 'string')
    throw new ConfigError(
      `${path} must hold one Avro record, enum or fixed type: {"type": "record", "name": ..., "fields": [...]}`,
    )
  return json
}

/** All schemas of a folder by file name without `.avsc`, in the order of their names. Throws ConfigError, NotFoundError. */
export function readSchemas(folder = schemaFolder): Map<string, AvroNamed> {
  const found = byName(folder, '.avsc', parse)
  if (found.size === 0) throw new ConfigError(`there is no .avsc file in ${folder}`)
  return found
}

function byName<T>(folder: string, end: string, read: (path: string) => T): Map<string, T> {
  const files = filesOf(folder).filter(file => file.endsWith(end))
  return new Map(files.sort().map(file => [file.slice(0, -end.length), read(join(folder, file))]))
}

function parseJsonSchema(path: string): JsonSchemaJson {
  const json = jsonOf(path)
  if (typeof json !== 'boolean' && (typeof json !== 'object' || json === null || Array.isArray(json)))
    throw new ConfigError(`${path} must hold a JSON Schema: {"type": "object", "properties": ...}`)
  return json as JsonSchemaJson
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new NotFoundError(`folder "${folder}" does not exist`)
    throw new ConfigError(`folder "${folder}" can't be read: ${code}`)
  }
}

/** The `types.ts` of a folder as it should be, and whether it is. Throws ConfigError, NotFoundError, TopologyError. */
export function typesFile(folder = schemaFolder): {
  readonly path: string
  readonly text: string
  readonly isSame: boolean
} {
  const path = join(folder, 'types.ts')
  const [avro, json] = [byName(folder, '.avsc', parse), byName(folder, jsonSchemaEnd, parseJsonSchema)]
  if (avro.size + json.size === 0) throw new ConfigError(`there is no .avsc and no ${jsonSchemaEnd} file in ${folder}`)
  // The repository's own schemas come before the package.
  const text = typesOf(avro, resolve(folder) === schemaFolder ? '../src/codecs/avro-schema' : undefined, json)
  return { path, text, isSame: existsSync(path) && readFileSync(path, 'utf8') === text }
}

/** Writes `types.ts` beside the schemas, unless it is right already; returns its path. Throws ConfigError, NotFoundError, TopologyError. */
export function writeTypes(folder = schemaFolder): string {
  const { path, text, isSame } = typesFile(folder)
  if (!isSame) writeFileSync(path, text)
  return path
}
