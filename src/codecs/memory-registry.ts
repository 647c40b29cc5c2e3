import { TopologyError } from '../errors'
import type { AvroRecord } from './avro-schema'
import type { SchemaKind, SchemaRegistry } from './codec'
import { incompatibilities } from './schema-changes'

/** A registry in memory, with the real one's answers: ids from 1, one id per schema, BACKWARD compatible subjects. */
export class MemoryRegistry implements SchemaRegistry {
  private readonly schemas: string[] = []
  private readonly subjects = new Map<string, number[]>()

  async schemaById(id: number): Promise<unknown | undefined> {
    const json = this.schemas[id - 1]
    return json === undefined ? undefined : JSON.parse(json)
  }

  async hasSubject(subject: string): Promise<boolean> {
    return this.subjects.has(subject)
  }

  async idOf(subject: string, schema: unknown, type: SchemaKind = 'AVRO'): Promise<number> {
    const ids = this.subjects.get(subject) ?? []
    const id = this.idOfText(JSON.stringify(schema))
    if (ids.includes(id)) return id
    const latest = ids.at(-1)
    const faults =
      latest === undefined || type !== 'AVRO'
        ? []
        : incompatibilities(schema as AvroRecord, (await this.schemaById(latest)) as AvroRecord)
    if (faults.length > 0) throw new TopologyError(`${subject}: the schema is incompatible: ${faults.join('; ')}`)
    this.subjects.set(subject, [...ids, id])
    return id
  }

  private idOfText(text: string): number {
    const known = this.schemas.indexOf(text)
    return known >= 0 ? known + 1 : this.schemas.push(text)
  }
}
