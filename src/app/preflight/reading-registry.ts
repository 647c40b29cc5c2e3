import type { AvroRecord } from '../../codecs/avro-schema'
import type { SchemaRegistry } from '../../codecs/codec'
import type { ConfluentRegistry } from '../../codecs/schema-registry'
import { TopologyError } from '../../errors'

/** A registry that registers nothing: what it would refuse is refused, and what it would take has no number yet. */
export const readingRegistry = (registry: ConfluentRegistry): SchemaRegistry => ({
  schemaById: id => registry.schemaById(id),
  hasSubject: subject => registry.hasSubject(subject),
  async idOf(subject, schema) {
    const { id = 0, faults } = await registry.compatibilityOf(subject, schema as AvroRecord)
    if (faults.length === 0) return id
    throw new TopologyError(
      `${subject}: the schema is incompatible: ${faults.join('; ')}: npx weir schemas diff ${subject} FILE shows what the file changes`,
    )
  },
})
