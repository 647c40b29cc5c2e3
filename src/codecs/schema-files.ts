import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../errors'
import type { AvroRecord } from './avro-schema'
import { typesOf } from './schema-types'

/** The repository's `schemas/`. */
export const schemaFolder = resolve(__dirname, '../../schemas')

function parse(path: string): AvroRecord {
  let json: AvroRecord
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${path} is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (json?.type !== 'record' || typeof json.name !== 'string' || !Array.isArray(json.fields)) {
    throw new ConfigError(`${path} must hold one Avro record: {"type": "record", "name": ..., "fields": [...]}`)
  }
  return json
}

/** All schemas of a folder by file name without `.avsc`, in the order of their names. Throws ConfigError. */
export function readSchemas(folder = schemaFolder): Map<string, AvroRecord> {
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  return new Map(files.sort().map(file => [file.slice(0, -'.avsc'.length), parse(join(folder, file))]))
}

/** Writes `types.ts` beside the schemas; returns its path. */
export function writeTypes(folder = schemaFolder): string {
  const path = join(folder, 'types.ts')
  writeFileSync(path, typesOf(readSchemas(folder)))
  return path
}
