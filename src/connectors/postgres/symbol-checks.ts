import { createHash } from 'node:crypto'
import { type Column, quoted } from './columns'

/** Postgres cuts longer names. */
const mostNameBytes = 63

/** The name of the constraint that says what an enum's column may hold. */
export function checkName(column: string): string {
  const name = `weir_${column}_symbols`
  if (Buffer.byteLength(name) <= mostNameBytes) return name
  return `weir_${createHash('sha1').update(column).digest('hex').slice(0, 20)}_symbols`
}

const literal = (symbol: string) => `'${symbol}'`

/** `CONSTRAINT … CHECK ("state" IN ('ASKED', 'DRIVING'))`. A symbol is a name, and has nothing to be escaped (Avro 1.12, "Enums"). */
export function symbolCheck({ name, type }: Column, symbols: readonly string[]): string {
  const list = symbols.map(literal).join(', ')
  const condition = type.endsWith('[]')
    ? `array_remove(${quoted(name)}, NULL) <@ ARRAY[${list}]::text[]`
    : `${quoted(name)} IN (${list})`
  return `CONSTRAINT ${quoted(checkName(name))} CHECK (${condition})`
}

/** The symbols that a constraint's definition allows. */
export function allowedBy(definition: string): string[] {
  return [...definition.matchAll(/'([A-Za-z_]\w*)'/g)].map(([, symbol = '']) => symbol)
}
