import type { Client } from 'pg'
import { type Column, quoted, quotedTable } from './columns'
import { sql } from './sql-files'

const typeAttributes = sql('type-attributes')

interface Attribute {
  readonly name: string
  readonly type: string
}

type HasType = (actual: string, wanted: Column) => boolean

/** What the types of composite columns lack, and how they are other than the schema needs them. `fits`: whether an attribute's type holds a column's values. */
export async function typeDifferences(client: Client, columns: readonly Column[], fits: HasType) {
  const changes: { readonly about: string; readonly lacks: string; readonly statement: string }[] = []
  const faults: string[] = []
  const seen = new Set<string>()
  for (const { type, attributes } of columns) {
    if (attributes === undefined || seen.has(type)) continue
    seen.add(type)
    const name = quotedTable(type)
    const { rows } = await client.query<Attribute>(typeAttributes, [name])
    const all = attributes.map(attribute => `${quoted(attribute.name)} ${attribute.type}`)
    if (rows.length === 0) {
      const statement = `CREATE TYPE ${name} AS (${all.join(', ')})`
      changes.push({ about: `created type ${type}`, lacks: `type ${type} is missing`, statement })
      continue
    }
    // Values of a composite type say their attributes by their places.
    const odd = rows.findIndex(({ name: known, type: actual }, i) => {
      const wanted = attributes[i]
      return wanted === undefined || wanted.name !== known || !fits(actual, wanted)
    })
    if (odd >= 0) {
      const found = rows.map(row => `${row.name} ${row.type}`).join(', ')
      faults.push(
        `type ${type} is (${found}), and the schema's record is (${all.join(', ').replaceAll('"', '')}): new fields come last; ` +
          'name another type in `composite`',
      )
      continue
    }
    for (const [i, attribute] of attributes.entries())
      if (i >= rows.length)
        changes.push({
          about: `type ${type}: added attribute ${attribute.name}`,
          lacks: `attribute ${attribute.name} of type ${type} is missing`,
          statement: `ALTER TYPE ${name} ADD ATTRIBUTE ${all[i]}`,
        })
  }
  return { changes, faults }
}
