import { ProcessError, TopologyError } from '../../errors'
import type { StreamRecord } from '../../record'

/** A piece of a topic template: text, or where a value comes from. */
export type TopicPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field' | 'header'; readonly name: string }
  | { readonly kind: 'key' }

// Besides what is special in a topic, brokers hang up on control and non-characters (MQTT 3.1.1, 1.5.3), which would make
// one value stop everything.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[%/+#\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]|^\$/g

function percent(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .toUpperCase()
    .replace(/../g, hex => `%${hex}`)
}

/**
 * A value as a part of one topic level: `% / + #`, NUL, other characters that brokers refuse, and a leading `$` are
 * percent-encoded; the empty value is `%`, which no other value gives.
 */
export function topicValue(text: string): string {
  if (text === '') return '%'
  return text.replace(unsafe, percent)
}

/** Parses `sensors/{sensor_id}/{key}/{header.site}`; throws TopologyError for a template that no broker takes. */
export function parseTopic(template: string, where: string): TopicPart[] {
  const fault = (what: string) => new TopologyError(`${where}: topic '${template}' ${what}`)
  const parts = template
    .split(/(\{[^{}]*\})/)
    .filter(text => text !== '')
    .map((text): TopicPart => {
      if (!text.startsWith('{')) return { kind: 'text', text }
      const name = text.slice(1, -1)
      if (name === 'key') return { kind: 'key' }
      if (name.startsWith('header.')) return { kind: 'header', name: name.slice(7) }
      return { kind: 'field', name }
    })
  if (parts.length === 0) throw fault('is empty')
  for (const part of parts) {
    if (part.kind === 'text' && /[{}]/.test(part.text)) throw fault('has a brace without its partner')
    if (part.kind === 'text' && /[+#\0]/.test(part.text)) throw fault('may not hold the wildcards + and # or NUL')
    if ((part.kind === 'field' || part.kind === 'header') && part.name === '') throw fault('has an empty {}')
  }
  if (template.startsWith('$')) throw fault("may not start with $, which is the broker's own")
  return parts
}

function keyOf(record: StreamRecord): unknown {
  const { key } = record
  // A windowed table's key is known by what was grouped by.
  return typeof key === 'object' && key !== null && 'window' in key && 'key' in key ? key.key : key
}

/** What a part reads from a record: the value, before it is text. */
export function partValue(part: Exclude<TopicPart, { kind: 'text' }>, record: StreamRecord): unknown {
  if (part.kind === 'key') return keyOf(record)
  if (part.kind === 'header') return record.headers?.[part.name]?.toString()
  return (record.value as Readonly<Record<string, unknown>> | null)?.[part.name]
}

function partName(part: Exclude<TopicPart, { kind: 'text' }>): string {
  return part.kind === 'key' ? '{key}' : part.kind === 'header' ? `{header.${part.name}}` : `{${part.name}}`
}

/** The topic of a record. Throws ProcessError when a part has no value or the topic is longer than MQTT's 65,535 bytes. */
export function topicOf(parts: readonly TopicPart[], record: StreamRecord): string {
  let topic = ''
  for (const part of parts) {
    if (part.kind === 'text') {
      topic += part.text
      continue
    }
    const value = partValue(part, record)
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ProcessError(
        `MQTT topic: ${partName(part)} is ${value === null ? 'null' : typeof value}, not a text or number`,
      )
    }
    topic += topicValue(String(value))
  }
  if (Buffer.byteLength(topic) > 65_535) throw new ProcessError('MQTT topic: longer than 65,535 bytes')
  return topic
}
