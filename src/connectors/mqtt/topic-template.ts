import type { AvroNode } from '../../codecs/avro-node'
import { fieldPath, PathError, readPath } from '../../codecs/field-path'
import { ProcessError, TopologyError } from '../../errors'
import type { StreamRecord } from '../../record'
import { longestTopic, topicFault, topicValue, valueFault } from './topic-name'

/** A piece of a topic template: text, or where a value comes from. */
export type TopicPart =
  | { readonly kind: 'text'; readonly text: string }
  | FieldPart
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'key' }

interface FieldPart {
  readonly kind: 'field'
  /** `sensor_id`, or a path: `pickup.city`, `stops.0`, `labels.colour`. */
  readonly name: string
  readonly read: (value: unknown) => unknown
  /** It is the only field: a record without a value has it as its key. */
  readonly isOnly: boolean
}

function fieldPart(name: string, schema: AvroNode | undefined, isOnly: boolean): FieldPart {
  const read = schema === undefined ? (value: unknown) => readPath(value, name) : fieldPath(schema, name).read
  return { kind: 'field', name, read, isOnly }
}

/**
 * Parses `sensors/{sensor_id}/{pickup.city}/{key}/{header.site}`, whose fields are those of the schema where there is one. Throws TopologyError for
 * a field that the schema lacks, and a template that no broker takes.
 */
export function parseTopic(template: string, where: string, schema?: AvroNode): TopicPart[] {
  const isField = (text: string) => /^\{.+\}$/.test(text) && text !== '{key}' && !text.startsWith('{header.')
  const fieldCount = template.split(/(\{[^{}]*\})/).filter(isField).length
  const fault = (what: string) => new TopologyError(`${where}: topic '${template}' ${what}`)
  const parts = template
    .split(/(\{[^{}]*\})/)
    .filter(text => text !== '')
    .map((text): TopicPart => {
      if (!text.startsWith('{')) return { kind: 'text', text }
      const name = text.slice(1, -1)
      if (name === 'key') return { kind: 'key' }
      if (name.startsWith('header.')) return { kind: 'header', name: name.slice(7) }
      if (name === '') throw fault('has an empty {}')
      try {
        return fieldPart(name, schema, fieldCount === 1)
      } catch (error) {
        if (error instanceof PathError) throw fault(`has a field that the schema lacks: {${name}} ${error.message}`)
        throw error
      }
    })
  if (parts.length === 0) throw fault('is empty')
  for (const part of parts) {
    if (part.kind === 'text' && /[{}]/.test(part.text)) throw fault('has a brace without its partner')
    if (part.kind === 'header' && part.name === '') throw fault('has an empty {}')
  }
  // Any value is encoded into a part of one level that brokers accept.
  const what = topicFault(parts.map(part => (part.kind === 'text' ? part.text : 'x')).join(''))
  if (what !== undefined) throw fault(`is no topic to publish to: ${what}`)
  return parts
}

function keyOf(record: StreamRecord): unknown {
  const { key } = record
  // A windowed table's key means the key that was grouped by.
  return typeof key === 'object' && key !== null && 'window' in key && 'key' in key ? key.key : key
}

/** The value of a part for a record, before it is turned into text. */
export function partValue(part: Exclude<TopicPart, { kind: 'text' }>, record: StreamRecord): unknown {
  if (part.kind === 'key') return keyOf(record)
  if (part.kind === 'header') return record.headers?.[part.name]?.toString()
  return record.value === null ? fieldOfKey(part, record) : part.read(record.value)
}

/** What a record without a value, which clears its topic, has of a field: its key names what it is about. */
function fieldOfKey({ name, isOnly }: FieldPart, record: StreamRecord): unknown {
  const key = keyOf(record)
  if (typeof key === 'object' && key !== null) return readPath(key, name)
  return isOnly ? key : undefined
}

/** `fields`: what is missing in the record's key. */
export const clearingFault = (fields: string) =>
  `the value is null, which clears a topic, but the record's key doesn't say which: it has no ${fields} (take null values out before, or key the stream by what the topic names)`

function partName(part: Exclude<TopicPart, { kind: 'text' }>): string {
  return part.kind === 'key' ? '{key}' : part.kind === 'header' ? `{header.${part.name}}` : `{${part.name}}`
}

const isSayable = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'

/** The topic of a record. Throws ProcessError when a part has no value or the topic is longer than MQTT's 65,535 bytes. */
export function topicOf(parts: readonly TopicPart[], record: StreamRecord): string {
  let topic = ''
  for (const part of parts) {
    if (part.kind === 'text') {
      topic += part.text
      continue
    }
    const value = partValue(part, record)
    if (!isSayable(value)) {
      if (record.value === null && part.kind === 'field')
        throw new ProcessError(`MQTT topic: ${clearingFault(part.name)}`)
      throw new ProcessError(
        `MQTT topic: ${partName(part)} is ${value === null ? 'null' : typeof value}, not a text or number`,
      )
    }
    const text = String(value)
    const fault = valueFault(text)
    if (fault !== undefined) throw new ProcessError(`MQTT topic: ${partName(part)} ${fault}`)
    topic += topicValue(text)
  }
  // A character takes three bytes at most in the UTF-8 of a string's length.
  if (topic.length * 3 > longestTopic && Buffer.byteLength(topic) > longestTopic)
    throw new ProcessError(`MQTT topic: longer than ${longestTopic} bytes`)
  return topic
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Matches every topic that a template gives. */
export function templatePattern(template: string): RegExp {
  const parts = parseTopic(template, 'MQTT target')
  return new RegExp(`^${parts.map(part => (part.kind === 'text' ? escaped(part.text) : '[^/]+')).join('')}$`, 'su')
}
