import type { AvroNode } from '../../codecs/avro-node'
import { fieldPath, PathError } from '../../codecs/field-path'
import { nodeOfSchema, type ValueSchema } from '../../codecs/value-schema'
import { TopologyError } from '../../errors'
import { type Column, type ColumnSource, columnsOf } from './columns'
import { type CompositeColumn, compositeColumn } from './composite-column'

/** Columns beside, or instead of, one for each field: a path, a composite type, or false for none. */
export type ColumnPaths = Readonly<Record<string, string | CompositeColumn | false>>

/** What a path ends with that stands for all fields of a record. */
const all = '.*'

function sourceOf(root: AvroNode, path: string): ColumnSource {
  const { node, isNullable, read } = fieldPath(root, path)
  return { node, isNullable, read, ...(path.includes('.') ? {} : { field: path }) }
}

/** `pickup: 'pickup.*'` is a column `pickup_city` for each field `city` of the record. */
function flattened(name: string, root: AvroNode, path: string): Column[] {
  const found = fieldPath(root, path)
  if (found.node.type !== 'record') throw new PathError(`${path} is no record: only one has fields to be columns`)
  return found.node.fields.flatMap(field => columnsOf(`${name}_${field.name}`, sourceOf(root, `${path}.${field.name}`)))
}

function added(name: string, root: AvroNode, path: string | CompositeColumn): Column[] {
  if (typeof path === 'object') return [compositeColumn(name, path, sourceOf(root, path.path ?? name))]
  if (path.endsWith(all)) return flattened(name, root, path.slice(0, -all.length))
  return columnsOf(name, sourceOf(root, path))
}

/**
 * The columns that a table has for a schema: one for each field, in their order, then those that `paths` add. A name that `paths` gives is no
 * field's any more. Of a schema that is no record there is one column, `value`. Throws TopologyError.
 */
export function targetColumns(schema: ValueSchema<unknown>, paths: ColumnPaths): Column[] {
  const root = nodeOfSchema(schema)
  const fields =
    root.type === 'record'
      ? root.fields
          .filter(({ name }) => !Object.hasOwn(paths, name))
          .flatMap(({ name }) => columnsOf(name, sourceOf(root, name)))
      : columnsOf('value', { node: root, isNullable: false, read: value => value })
  const others = Object.entries(paths).flatMap(([name, path]) => {
    try {
      return path === false ? [] : added(name, root, path)
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      const what = typeof path === 'object' ? path.composite : path
      throw new TopologyError(`column ${name}, '${what}': schema ${schema.name} ${error.message}`)
    }
  })
  return [...fields, ...others]
}
