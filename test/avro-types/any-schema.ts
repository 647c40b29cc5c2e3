import fc from 'fast-check'
import type { AvroDefinition, AvroTypeJson } from '../../src/codecs/avro-schema'

/** A type, values of it as TypeScript has them, and what a union calls it. */
export interface AnyType {
  readonly name: string
  readonly type: AvroTypeJson
  readonly value: fc.Arbitrary<unknown>
}

/** What Postgres's texts can hold. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(each => !/[\0\p{Surrogate}]/u.test(each))
const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map(each => Buffer.from(each))
/** JSON in Postgres has no -0. */
const real = (arbitrary: fc.Arbitrary<number>) => arbitrary.map(each => (Object.is(each, -0) ? 0 : each))
const noNaN = { noNaN: true, noDefaultInfinity: true }
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 })
/** Years 1 to 9999, which every text of a date has alike. */
const [firstDay, lastDay] = [-719_162, 2_932_896]
const day = fc.integer({ min: firstDay, max: lastDay })
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const instant = (perSecond: bigint) =>
  fc.bigInt({ min: -62_135_596_800n * perSecond, max: 253_402_300_800n * perSecond - 1n })
/** Nanoseconds of 64 bits end in 2262. */
const nanos = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const untilMidnight = (perSecond: number) => fc.integer({ min: 0, max: 86_400 * perSecond - 1 })

function decimalOf(precision: number, scale: number): fc.Arbitrary<string> {
  const most = 10n ** BigInt(precision) - 1n
  return fc.bigInt({ min: -most, max: most }).map(unscaled => {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
    const shown = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
    return unscaled < 0n ? `-${shown}` : shown
  })
}

const decimal = fc.integer({ min: 1, max: 40 }).chain(precision =>
  fc
    .tuple(fc.constant(precision), fc.integer({ min: 0, max: precision }), fc.boolean())
    .map(([, scale, isFixed]): AnyType => {
      const meaning = { logicalType: 'decimal', precision, scale }
      return {
        name: isFixed ? 'N' : 'bytes',
        type: isFixed ? { type: 'fixed', name: 'N', size: 20, ...meaning } : { type: 'bytes', ...meaning },
        value: decimalOf(precision, scale),
      }
    }),
)

const of = (name: string, logicalType: string | undefined, value: fc.Arbitrary<unknown>): AnyType => ({
  ...{ name, value },
  type: logicalType === undefined ? name : { type: name, logicalType },
})

const simple = fc.constantFrom<AnyType>(
  of('boolean', undefined, fc.boolean()),
  of('int', undefined, fc.integer()),
  of('int', 'date', day),
  of('int', 'time-millis', untilMidnight(1_000)),
  of('long', undefined, long),
  of('long', 'time-micros', untilMidnight(1_000_000).map(BigInt)),
  of('long', 'timestamp-millis', instant(1_000n)),
  of('long', 'timestamp-micros', instant(1_000_000n)),
  of('long', 'timestamp-nanos', nanos),
  of('long', 'local-timestamp-millis', instant(1_000n)),
  of('long', 'local-timestamp-micros', instant(1_000_000n)),
  of('long', 'local-timestamp-nanos', nanos),
  of('float', undefined, real(fc.float(noNaN))),
  of('double', undefined, real(fc.double(noNaN))),
  of('string', undefined, text),
  of('string', 'uuid', fc.uuid()),
  of('bytes', undefined, bytes(0, 20)),
)

const named = fc.constantFrom<AnyType>(
  { name: 'N', type: { type: 'fixed', name: 'N', size: 5 }, value: bytes(5, 5) },
  { name: 'N', type: { type: 'fixed', name: 'N', size: 16, logicalType: 'uuid' }, value: fc.uuid() },
  {
    ...{ name: 'N', type: { type: 'fixed', name: 'N', size: 12, logicalType: 'duration' } },
    value: fc.record(
      { months: count, days: count, millis: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
      { noNullPrototype: true },
    ),
  },
  { name: 'N', type: { type: 'enum', name: 'N', symbols: ['A', 'b_1', 'C'] }, value: fc.constantFrom('A', 'b_1', 'C') },
)

/** What a value of a type is in JavaScript, by this test's own reckoning: a union with two of one kind names them. */
function kindOf({ type }: AnyType): string {
  const { type: plain, logicalType = '' } = (typeof type === 'string' ? { type } : type) as AvroDefinition
  if (/decimal|uuid/.test(logicalType)) return 'string'
  if (logicalType === 'duration') return 'object'
  if (logicalType.endsWith('nanos')) return 'bigint'
  const kinds: Record<string, string> = {
    bytes: 'buffer',
    fixed: 'buffer',
    enum: 'string',
    map: 'object',
    record: 'object',
  }
  return kinds[String(plain)] ?? (/int|long|float|double/.test(String(plain)) ? 'number' : String(plain))
}

const either = fc.letrec<{ any: AnyType; noUnion: AnyType }>(tie => {
  const array = tie('any').map<AnyType>(item => ({
    ...{ name: 'array', type: { type: 'array', items: item.type } },
    value: fc.array(item.value, { maxLength: 3 }),
  }))
  const map = tie('any').map<AnyType>(item => ({
    ...{ name: 'map', type: { type: 'map', values: item.type } },
    value: fc.dictionary(text, item.value, { maxKeys: 3, noNullPrototype: true }),
  }))
  const record = fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map<AnyType>(parts => ({
    ...{
      name: 'N',
      type: { type: 'record', name: 'N', fields: parts.map((part, i) => ({ name: `f${i}`, type: part.type })) },
    },
    value: fc.record(Object.fromEntries(parts.map((part, i) => [`f${i}`, part.value])), { noNullPrototype: true }),
  }))
  const noUnion = fc.oneof({ maxDepth: 3, depthSize: 'small' }, simple, decimal, named, array, map, record)
  const union = fc
    .uniqueArray(tie('noUnion'), { minLength: 1, maxLength: 3, selector: ({ name }) => name })
    .map<AnyType>(parts => {
      const isNamed = new Set(parts.map(kindOf)).size < parts.length
      const values = parts.map(({ value }, i) => value.map(each => (isNamed ? { branch: i, each } : each)))
      return {
        name: 'union',
        type: ['null', ...parts.map(part => part.type)],
        value: fc.oneof(fc.constant(null), ...values),
      }
    })
  return { any: fc.oneof({ arbitrary: tie('noUnion'), weight: 3 }, { arbitrary: union, weight: 1 }), noUnion }
}).any

/** Avro knows each name once. */
function withNames(type: AvroTypeJson, next: () => string): AvroTypeJson {
  if (Array.isArray(type)) return type.map(each => withNames(each, next))
  if (typeof type === 'string') return type
  const part = type as Exclude<AvroTypeJson, string | readonly AvroTypeJson[]>
  return {
    ...{ ...part, ...(part.name === undefined ? {} : { name: next() }) },
    ...(part.items === undefined ? {} : { items: withNames(part.items, next) }),
    ...(part.values === undefined ? {} : { values: withNames(part.values, next) }),
    ...(part.fields === undefined
      ? {}
      : { fields: part.fields.map(field => ({ ...field, type: withNames(field.type, next) })) }),
  }
}

interface Wrapped {
  readonly branch: number
  readonly each: unknown
}
const isWrapped = (value: unknown): value is Wrapped =>
  typeof value === 'object' && value !== null && 'branch' in value && 'each' in value

/** Values of unions that name their types name them as their schema does now. */
function withTypeNames(type: AvroTypeJson, value: unknown): unknown {
  if (Array.isArray(type)) {
    if (value === null) return null
    if (!isWrapped(value)) return value === null ? null : plainBranch(type, value)
    const branch = type[value.branch + 1] as { readonly name?: string; readonly type?: string }
    const name = typeof branch === 'string' ? branch : (branch.name ?? String(branch.type))
    return { [name]: withTypeNames(branch as AvroTypeJson, value.each) }
  }
  if (typeof type === 'string') return value
  const { items, values, fields } = type as Exclude<AvroTypeJson, string | readonly AvroTypeJson[]>
  if (items !== undefined) return (value as unknown[]).map(each => withTypeNames(items, each))
  const entries = Object.entries(value as object)
  if (values !== undefined) return Object.fromEntries(entries.map(([key, each]) => [key, withTypeNames(values, each)]))
  if (fields === undefined) return value
  return Object.fromEntries(
    fields.map(({ name, type: own }) => [name, withTypeNames(own, (value as Record<string, unknown>)[name])]),
  )
}

/** Of a union whose values name nothing: only what is made of others has names within. */
function plainBranch(types: readonly AvroTypeJson[], value: unknown): unknown {
  const isMade = typeof value === 'object' && !Buffer.isBuffer(value)
  const made = types.find(each => {
    const { type } = each as { readonly type?: string }
    return Array.isArray(value) ? type === 'array' : type === 'map' || type === 'record'
  })
  return isMade && made !== undefined ? withTypeNames(made, value) : value
}

export interface AnySchema {
  readonly type: AvroTypeJson
  readonly value: fc.Arbitrary<unknown>
}

/** Any record schema of one field, and values of it. */
export const anySchema: fc.Arbitrary<AnySchema> = either.map(({ type, value }) => {
  let names = 0
  const named = withNames(type, () => `N${names++}`)
  return { type: named, value: value.map(each => withTypeNames(named, each)) }
})
