import { type AvroWriter, avroWriter } from './avro/avro-write'
import { NotFoundError } from './errors'
import type { Registry } from './registry'

/**
 * Writes a topic's values by the latest schema of `<topic>-value`; undefined for `auto` where the registry has none. Throws NotFoundError for a schema that is missing or
 * isn't Avro, UnavailableError.
 */
export async function topicWriter(
  registry: Registry,
  topic: string,
  format: 'auto' | 'avro',
): Promise<AvroWriter | undefined> {
  const subject = `${topic}-value`
  const found = format === 'avro' ? await registry.version(subject) : await registry.latest(subject)
  if (found === undefined) return undefined
  if (found.type !== 'AVRO')
    throw new NotFoundError(`subject "${subject}" holds ${found.type}, which weir does not write`)
  return avroWriter(await registry.whole(found), found.id)
}
