import type { AvroDefinition, AvroRecord } from './avro-schema'
import { withoutNull } from './avro-schema'

type Values = Readonly<Record<string, unknown>>

function primitiveOf(field: AvroRecord['fields'][number]): unknown {
  const { type } = withoutNull(field.type)
  return typeof type === 'object' && !Array.isArray(type) ? (type as AvroDefinition).type : type
}

/** avsc reads and writes a long as a double of twice its size: from here on it would be off by one without a word. */
export const longLimit = 2 ** 52

/**
 * What avsc lets pass and weir refuses: a double that is NaN or infinite (it would poison every sum it enters), an int beyond
 * 32 bits (a varint has room for it) and a long of 2^52 or more. Returns a checker that gives the fault's text, naming the
 * field; it looks at the record's own fields, not into nested ones.
 */
export function fieldChecks(schema: AvroRecord): (value: Values) => string | undefined {
  const names = (types: string[]) =>
    schema.fields.filter(f => types.includes(primitiveOf(f) as string)).map(f => f.name)
  const doubles = names(['double', 'float'])
  const ints = names(['int'])
  const longs = names(['long'])
  return value => {
    for (let i = 0; i < doubles.length; i++) {
      const number = value[doubles[i] as string] as number | null
      // NaN - NaN and Infinity - Infinity are NaN; null - null is 0.
      if ((number as number) - (number as number) !== 0) return `field ${doubles[i]} is ${number}`
    }
    for (let i = 0; i < ints.length; i++) {
      const number = value[ints[i] as string] as number | null
      if (number !== null && ((number as number) | 0) !== number) {
        return `field ${ints[i]} is ${number}, beyond 32 bits`
      }
    }
    for (let i = 0; i < longs.length; i++) {
      const number = value[longs[i] as string] as number | null
      if (number !== null && (number >= longLimit || number <= -longLimit)) {
        return `field ${longs[i]} is ${number}, not below 2^52`
      }
    }
    return undefined
  }
}
