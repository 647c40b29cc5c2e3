import { type AvroNode, nodeWithoutNull } from './avro-node'

/** A place within a schema's values, such as `pickup.city`, `stops.0.city` or `labels.colour`. */
export interface FieldPath {
  readonly node: AvroNode
  /** A value may have nothing there: a null on the way, an array too short, a map without the key. */
  readonly isNullable: boolean
  readonly read: (value: unknown) => unknown
}

/** Thrown for a path that no value has: its message is what is wrong, `it has no field town`. */
export class PathError extends Error {}

type Step = (value: object) => unknown

function stepInto(
  node: AvroNode,
  name: string,
): { readonly node: AvroNode; readonly step: Step; readonly isSure: boolean } {
  const [part] = node.parts
  if (node.type === 'record' || node.type === 'error') {
    const field = node.fields.find(each => each.name === name)
    if (field === undefined) throw new PathError(`has no field ${name}`)
    return { node: field.node, step: value => (value as Record<string, unknown>)[name], isSure: true }
  }
  if (node.type === 'map' && part !== undefined) {
    const step: Step = value => (Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null)
    return { node: part, step, isSure: false }
  }
  if (node.type === 'array' && part !== undefined) {
    if (!/^\d+$/.test(name)) throw new PathError(`has elements, counted from 0, and no ${name}`)
    const index = Number(name)
    return { node: part, step: value => (value as readonly unknown[])[index], isSure: false }
  }
  throw new PathError(
    `is ${node.type === 'union' ? 'a union of several types' : `of type ${node.name}`}, and has no ${name}`,
  )
}

/** Where a path leads from a schema's root. Throws PathError. */
export function fieldPath(root: AvroNode, path: string): FieldPath {
  const names = path.split('.')
  let found = nodeWithoutNull(root)
  let isNullable = false
  const steps: Step[] = []
  for (const [i, name] of names.entries()) {
    try {
      const { node, step, isSure } = stepInto(found.node, name)
      steps.push(step)
      found = nodeWithoutNull(node)
      isNullable ||= found.isNullable || !isSure
    } catch (error) {
      if (!(error instanceof PathError) || i === 0) throw error
      throw new PathError(`${names.slice(0, i).join('.')} ${error.message}`)
    }
  }
  return { node: found.node, isNullable, read: reader(steps) }
}

function reader(steps: readonly Step[]): FieldPath['read'] {
  const [first] = steps
  if (steps.length === 1 && first !== undefined) return value => first(value as object)
  return value => {
    let at = value
    for (let i = 0; i < steps.length; i++) {
      if (typeof at !== 'object' || at === null) return null
      at = steps[i]!(at)
    }
    return at
  }
}

/** The same of a value that has no schema. */
export function readPath(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path]
  const point = path.indexOf('.')
  if (point < 0) return undefined
  return readPath((value as Record<string, unknown>)[path.slice(0, point)], path.slice(point + 1))
}
