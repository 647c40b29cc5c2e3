/** What JSON has to look like: a kind of value, a list of what looks so, or an object with such members. A name that ends with `?` may be absent. */
export type Shape = 'string' | 'number' | 'boolean' | ListShape | ObjectShape
interface ListShape {
  readonly each: Shape
}
type ObjectShape = { readonly members: Readonly<Record<string, Shape>> }

export const each = (shape: Shape): ListShape => ({ each: shape })
export const of = (members: Readonly<Record<string, Shape>>): ObjectShape => ({ members })

/** Whether a parsed value looks so; what it has besides is left alone. */
export function hasShape(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string') return typeof value === shape
  if ('each' in shape) return Array.isArray(value) && value.every(item => hasShape(item, shape.each))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(shape.members).every(([name, member]) => {
    const isOptional = name.endsWith('?')
    const own = isOptional ? name.slice(0, -1) : name
    const found = Object.hasOwn(value, own) ? (value as Readonly<Record<string, unknown>>)[own] : undefined
    return found === undefined ? isOptional : hasShape(found, member)
  })
}
