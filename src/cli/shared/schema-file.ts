import { UsageError } from '../../ops/errors'
import type { NewSchema, Registry } from '../../ops/registry'
import type { Streams } from './output'
import { textFile } from './text-file'

/** A type that a schema only names, and the subject that holds it. */
export interface NamedReference {
  readonly name: string
  readonly subject: string
  /** Absent: the latest. */
  readonly version?: number
}

export const referenceOption = {
  flags: '--reference <name=subject[:version]>',
  about: 'where a type is that the schema only names (the latest version); may be repeated',
  parse(text: string, earlier: unknown): NamedReference[] {
    const match = /^([\w.]+)=(.+?)(?::(\d+))?$/.exec(text)
    if (match === null) throw new UsageError(`a reference is written shop.Address=address-value:3, not "${text}"`)
    const [, name, subject, version] = match as unknown as [string, string, string, string | undefined]
    const reference = { name, subject, ...(version === undefined ? {} : { version: Number(version) }) }
    return [...((earlier as NamedReference[] | undefined) ?? []), reference]
  },
}

/** The schema with its references, those without a version to the latest one. Throws NotFoundError. */
export async function withReferences(
  registry: Registry,
  schema: string,
  named: readonly NamedReference[] = [],
): Promise<NewSchema> {
  const references = []
  for (const { name, subject, version } of named)
    references.push({ name, subject, version: version ?? (await registry.version(subject)).version })
  return { schema, references }
}

/** The text of an .avsc file, `-` for stdin. Rejects with NotFoundError, UsageError when it is no JSON. */
export async function schemaFile(path: string, streams: Pick<Streams, 'stdin'>): Promise<string> {
  const text = await textFile(path, streams)
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new UsageError(`"${path}" is no JSON: ${(error as Error).message}`)
  }
}
