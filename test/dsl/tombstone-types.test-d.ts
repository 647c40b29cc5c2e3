/** Checked by the compiler alone: where a null value deletes something, a stream that may hold null can be written. Never run. */
import { type AvroSchema, json, mqtt, postgres, text, topology } from '../../src'

interface Person {
  readonly id: number
  readonly name: string
}

export const tombstones = (schema: AvroSchema<Person>) =>
  topology('types-tombstones', builder => {
    const people = builder.table('people', { key: text, value: json<Person>() }).toStream()
    const names = people.mapValues(value => (value === null ? null : { id: value.id, name: value.name }))

    names.to(postgres({ table: 'p', schema, mode: 'upsert', key: ['id'] }))
    names.to(postgres({ table: 'p', schema, mode: 'upsert', key: ['id'], keyOf: key => ({ id: key.length }) }))
    names.to(mqtt({ topic: 'p/{id}', schema, retain: true }))
    names.to('copies', { key: text, value: json() })
    names.to('copies', { key: text, value: json<Person>() })
    // @ts-expect-error: an append table deletes nothing
    names.to(postgres({ table: 'p', schema, mode: 'append' }))
    // @ts-expect-error: a topic that isn't retained has nothing to clear
    names.to(mqtt({ topic: 'p/{id}', schema }))

    const [rows, retained] = [
      postgres({ table: 'p', schema, mode: 'upsert', key: ['id'] }),
      mqtt({ topic: 'p/{id}', schema, retain: true }),
    ]
    names.to(rows)
    names.to(retained)
    people.to(rows)
    people.to(retained)

    people.to(mqtt({ topic: 'p/{key}', value: ({ value }) => Buffer.from(value.name), retain: true }))
    names.to(mqtt({ topic: 'p/{key}', value: ({ value }) => Buffer.from(value.name), retain: true }))
    const wrong = people.mapValues((): { id: string } | null => null)
    // @ts-expect-error: the schema's id is a number
    wrong.to(postgres({ table: 'p', schema, mode: 'upsert', key: ['id'] }))
    // @ts-expect-error: the schema's id is a number
    wrong.to(mqtt({ topic: 'p/{id}', schema, retain: true }))
  })
