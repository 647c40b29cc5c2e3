import type { Type } from 'avsc'

/** A type whose values count something. */
export interface Measured {
  readonly unit?: string
}

const times: Readonly<Record<string, string>> = {
  ...{ millis: 'milliseconds', micros: 'microseconds', nanos: 'nanoseconds' },
}

/**
 * What the numbers of a logical type count; undefined where there is nothing to mix up. Avro's own rules would read microseconds as milliseconds
 * without a word, and decimals of another scale as a tenth.
 */
export function unitOf(part: unknown): string | undefined {
  const { logicalType, scale = 0 } = part as { readonly logicalType?: unknown; readonly scale?: unknown }
  if (typeof logicalType !== 'string') return undefined
  if (logicalType === 'date') return 'days'
  if (logicalType === 'decimal') return `decimals of scale ${String(scale)}`
  const [, unit = ''] = /^(?:local-)?time(?:stamp)?-(\w+)$/.exec(logicalType) ?? []
  return times[unit]
}

/** Where a schema has units, and which. */
export function unitsOf(schema: unknown): string {
  const units: string[] = []
  const walk = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null) return
    const unit = unitOf(part)
    if (unit !== undefined) units.push(`${path} ${unit}`)
    const { type, items, values, fields } = part as Readonly<Record<string, unknown>>
    const inner: readonly unknown[] = Array.isArray(part)
      ? part
      : Array.isArray(fields)
        ? fields
        : [type, items, values]
    // `long` and `{ type: 'long' }` alike.
    if (inner.length === 3 && !Array.isArray(part)) for (const each of inner) walk(each, path)
    else for (const [i, each] of inner.entries()) walk(each, `${path}.${i}`)
  }
  walk(schema, '')
  return units.join()
}

/** A class of types: what it takes is avsc's matter. */
type Class = new (schema: never, options: object) => Type

/** A class of types like `Plain`, with a unit. */
export function inUnits(Plain: Class, unit: string | undefined): Class {
  if (unit === undefined) return Plain
  class Unit extends Plain implements Measured {
    get unit() {
      return unit as string
    }
  }
  return Unit
}

/** A simple type like `type`, with a unit. */
export function withUnit(type: Type, unit: string | undefined): Type {
  if (unit === undefined) return type
  const Unit = inUnits(type.constructor as Class, unit)
  return new Unit(undefined as never, {})
}
