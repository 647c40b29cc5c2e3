/** A type of a schema, as far as what it means beside its bytes depends on it. */
export interface LogicalPart {
  readonly type?: unknown
  readonly logicalType?: unknown
  readonly precision?: unknown
  readonly scale?: unknown
  readonly size?: unknown
}

export type Logical =
  | 'decimal'
  | 'uuid'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'local-timestamp-nanos'
  | 'duration'

const underlying: Readonly<Record<Logical, readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  duration: ['fixed'],
}

const sizes: Partial<Record<Logical, number>> = { uuid: 16, duration: 12 }

const isLogical = (name: unknown): name is Logical => typeof name === 'string' && Object.hasOwn(underlying, name)

/** The most digits that a number of so many bytes has for certain (Avro 1.12, "Decimal"). */
const mostDigits = (size: number) => Math.floor((8 * size - 1) * Math.log10(2))

function isDecimal({ type, precision, scale = 0, size }: LogicalPart): boolean {
  const isWhole = Number.isInteger(precision) && Number.isInteger(scale)
  if (!isWhole || (precision as number) < 1 || (scale as number) < 0 || (scale as number) > (precision as number))
    return false
  return type !== 'fixed' || (precision as number) <= mostDigits(size as number)
}

/**
 * What a type's values mean beside what they are made of. Undefined where nothing, and for what Avro doesn't know or doesn't allow there:
 * by its rules that is to be read as if it weren't said (1.12, "Logical Types").
 */
export function logicalOf(part: LogicalPart): Logical | undefined {
  const { type, logicalType, size } = part
  if (!isLogical(logicalType) || !underlying[logicalType].includes(type as string)) return undefined
  if (logicalType === 'decimal') return isDecimal(part) ? logicalType : undefined
  const wanted = type === 'fixed' ? sizes[logicalType] : undefined
  return wanted === undefined || wanted === size ? logicalType : undefined
}

/** Of a decimal that `logicalOf` has found to be one. */
export const digitsOf = ({ precision, scale }: LogicalPart) => ({
  precision: Number(precision),
  scale: Number(scale ?? 0),
})
