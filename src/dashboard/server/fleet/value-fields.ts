import type { AvroDefinition, AvroTypeJson } from '../../../codecs/avro-schema'

/** A field of a topic's values that can be shown by key. */
export interface ValueField {
  /** Its path with dots: `wind.speed`. */
  readonly name: string
  readonly doc: string | null
}

export interface ValueFields {
  /** Those that hold figures. */
  readonly figures: readonly ValueField[]
  /** The first that holds a time: when a reading was taken. */
  readonly time: TimeField | undefined
  /** The first that by its name is the number of the thing that the values are about. */
  readonly identity: string | undefined
}

export interface TimeField {
  readonly name: string
  /** How many ms a whole number of it counts; undefined: its size shows its unit. */
  readonly msPerUnit: number | undefined
}

const numbers = new Set(['int', 'long', 'float', 'double'])
const timeUnits: Readonly<Record<string, number>> = {
  'timestamp-millis': 1,
  'timestamp-micros': 0.001,
  'timestamp-nanos': 1e-6,
}
/** How deep fields are looked for. */
const maxDepth = 4

/** The fields that a schema declares, in its order. */
export function schemaFields(schema: AvroTypeJson): ValueFields {
  const figures: ValueField[] = []
  const times: TimeField[] = []
  const walk = (type: AvroTypeJson, path: readonly string[], doc: string | null) => {
    const own = plainOf(type)
    const name = path.join('.')
    if (typeof own === 'string') {
      if (path.length > 0 && numbers.has(own)) figures.push({ name, doc })
      return
    }
    const definition = own as AvroDefinition | undefined
    if (definition === undefined) return
    const unit = timeUnits[definition.logicalType ?? '']
    if (unit !== undefined) times.push({ name, msPerUnit: unit })
    else if (definition.type === 'record' && path.length < maxDepth)
      for (const field of definition.fields ?? []) walk(field.type, [...path, field.name], field.doc ?? null)
    else if (
      definition.logicalType === undefined &&
      typeof definition.type === 'string' &&
      numbers.has(definition.type)
    )
      figures.push({ name, doc })
  }
  walk(schema, [], null)
  return found(figures, times)
}

/** Of `["null", T]`, T. */
function plainOf(type: AvroTypeJson): AvroTypeJson | undefined {
  if (!Array.isArray(type)) return type
  const some = (type as readonly AvroTypeJson[]).filter(branch => branch !== 'null')
  return some.length === 1 ? some[0] : undefined
}

/** The fields of a JSON object. */
export function jsonFields(value: unknown): ValueFields {
  const figures: ValueField[] = []
  const times: TimeField[] = []
  const walk = (inside: unknown, path: readonly string[]) => {
    if (typeof inside === 'number') {
      const name = path.join('.')
      if (isTimeName(path.at(-1) ?? '') && inside > 1e9) times.push({ name, msPerUnit: undefined })
      else figures.push({ name, doc: null })
    } else if (typeof inside === 'object' && inside !== null && !Array.isArray(inside) && path.length < maxDepth)
      for (const [name, each] of Object.entries(inside)) walk(each, [...path, name])
  }
  if (typeof value === 'object') walk(value, [])
  return found(figures, times)
}

const isTimeName = (name: string) => /time|date|^ts$|^at$|_at$|Ms$/i.test(name)
const isIdentity = (name: string) => /(^|[._])(id|key|number|no|seq|version|partition|offset)$|Id$/i.test(name)

const found = (figures: readonly ValueField[], times: readonly TimeField[]): ValueFields => ({
  figures: mostTelling(figures),
  time: times[0],
  identity: figures.find(({ name }) => isIdentity(name))?.name,
})

/** Puts fields that look like the number of a thing after those that look like measurements. */
function mostTelling(figures: readonly ValueField[]): readonly ValueField[] {
  return [...figures.filter(({ name }) => !isIdentity(name)), ...figures.filter(({ name }) => isIdentity(name))]
}

/** A time in ms, from seconds, ms, µs or ns by its size: between 1973 and 5138 the four ranges don't overlap. */
export function timeMsOf(value: number, msPerUnit: number | undefined): number {
  if (msPerUnit !== undefined) return value * msPerUnit
  if (value < 1e11) return value * 1000
  if (value < 1e14) return value
  return value < 1e17 ? value / 1000 : value / 1e6
}
