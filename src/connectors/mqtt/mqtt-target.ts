import { anything, callback, checkOptions, flag, needed, type OptionKinds, oneOf, word } from '../../checked-options'
import { isJsonSchema, nodeOfSchema, schemaFault, type ValueSchema } from '../../codecs/value-schema'
import { ProcessError, TopologyError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { End, Target } from '../sink'
import { BrokerRules } from './broker-rules'
import { FrameEncoder, type Head, type PayloadWriter } from './frame-encoder'
import { bareJson, customPayload, JsonPayload } from './json-payload'
import type { MqttVersion } from './mqtt-version'
import { clearingFault, parseTopic, partValue, type TopicPart, topicOf } from './topic-template'

export interface MqttOptions<K, V> {
  /** Default: `mqtt:` and the topic. */
  readonly name?: string
  /**
   * The topic, with `{field}` of the value, `{key}` and `{header.name}` in braces: `sensors/{sensor_id}`. A field within another is
   * named by its path: `{pickup.city}`, `{stops.0.city}` of an array, `{labels.colour}` of a map.
   */
  readonly topic: string
  /**
   * The payload is JSON of the schema's values, fields in their order. Timestamps are unix seconds (float), dates and times of a day ISO 8601,
   * decimals texts with all their digits, bytes base64, durations ISO 8601. Values of a JSON Schema are written as they are.
   */
  readonly schema?: ValueSchema<V>
  /** The payload instead of JSON. */
  readonly value?: (record: StreamRecord<K, V>) => Buffer
  /**
   * The broker keeps the last message of each topic for those who subscribe later. A null value clears it; the topic's fields are then
   * those of the record's key, or, where there is one field, the key itself.
   */
  readonly retain?: boolean
  /**
   * Default 0; both are at least once as far as the broker (0 by a barrier, 1 by its acknowledgements). A broker says of a single message
   * that it has no right to its topic at QoS 1 over MQTT 5 alone; at QoS 0 such a message is lost without a word.
   */
  readonly qos?: 0 | 1
  /**
   * For topics that people watch: of each topic only the latest value is sent, as fast as the broker takes it, and a value that a newer one has
   * overtaken is skipped and counted (`weir_end_skipped_records_total`). A slow or dead broker then holds nothing up: no commit waits for it, and
   * neither do Postgres and Kafka. What waits is in memory, one value a topic: a crash loses it, and so does a stop, or a task that moves, while the
   * broker is away; with `retain` the last values are written again. QoS 0 only. Default false: every record is sent, and a commit waits until the broker has it.
   *
   * @example
   * readings.to(mqtt({ topic: 'live/{sensor_id}', schema: reading, conflate: true }))
   */
  readonly conflate?: boolean
  /** Adds `kafka_partition` and `kafka_offset` to the JSON. */
  readonly origin?: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the graph erases types
export interface MqttTarget<K = any, V = any> extends Target<K, V> {
  readonly topic: string
  readonly qos: 0 | 1
  readonly retain: boolean
  /** What the encoders know about the broker. */
  readonly rules: BrokerRules
  /** Of a target that keeps only the latest value of each topic. */
  readonly live?: Skips
}

/** Counts values that newer ones have overtaken. */
class Skips {
  private count = 0

  get total(): number {
    return this.count
  }

  skip(): void {
    this.count++
  }
}

/** The most topics that are kept ready to be copied: memory stays bounded. */
const headLimit = 100_000

const nothing = new Uint8Array(0)
const none: PayloadWriter = { bound: () => 0, write: (_bytes, at) => at }

const known: OptionKinds = {
  ...{ name: word, topic: needed(word), schema: anything, value: callback, retain: flag, qos: oneOf(0, 1) },
  ...{ conflate: flag, origin: flag },
}

/** Throws TopologyError for options that no compiler has seen and that can't be. */
function checkMqttOptions(given: unknown): void {
  const { name, topic, schema } = Object(given) as Readonly<Record<string, unknown>>
  const own = typeof name === 'string' ? name : typeof topic === 'string' ? `mqtt:${topic}` : ''
  const where = `MQTT target ${own}`.trimEnd()
  checkOptions(where, given, known)
  const fault = schema === undefined ? undefined : schemaFault(schema)
  if (fault !== undefined) throw new TopologyError(`${where}: ${fault}`)
}

/** The description of an MQTT target: its topics and payloads, checked. Throws TopologyError. */
export function mqttTarget<K, V>(options: MqttOptions<K, V>, end: End): MqttTarget<K, V> {
  checkMqttOptions(options)
  const { topic, schema, value, retain = false, qos = 0, origin = false, name = `mqtt:${topic}` } = options
  const { conflate = false } = options
  const live = conflate ? new Skips() : undefined
  const where = `MQTT target ${name}`
  if (!schema === !value) throw new TopologyError(`${where}: give either a schema or a value function`)
  if (value && origin)
    throw new TopologyError(`${where}: origin adds to the schema's JSON; a value function writes its own`)
  const node = schema && nodeOfSchema(schema)
  const parts = parseTopic(topic, where, node)
  const isRecord = node?.type === 'record'
  if (conflate && qos === 1)
    throw new TopologyError(
      `${where}: conflate skips what a newer value overtakes, so that QoS 1 would promise too much: leave qos out`,
    )
  if (origin && !isRecord) throw new TopologyError(`${where}: origin adds to the JSON of a record, and this is none`)
  const rules = new BrokerRules()
  const fields = parts.flatMap(part => (part.kind === 'field' ? [part.name] : []))
  return {
    ...{ end, name, topic, qos, retain, rules },
    ...(live && { live, skipped: () => live.total }),
    ...(retain && fields.length > 1 && { keyFault: clearingFault(fields.join(', ')) }),
    ...(retain ? { retains: (record: StreamRecord<K, V>) => topicOf(parts, record) } : {}),
    encoder() {
      const asItIs = !origin && schema !== undefined && isJsonSchema(schema)
      const json = node && (isRecord && !asItIs ? new JsonPayload(node, origin) : bareJson(schema?.name ?? name, node))
      const payload = json ?? customPayload(value as (record: StreamRecord) => Buffer)
      return frameEncoder(parts, payload, { qos, retain, rules })
    },
  }
}

function frameEncoder(
  parts: readonly TopicPart[],
  payload: PayloadWriter,
  { qos, retain, rules }: Pick<MqttTarget, 'qos' | 'retain' | 'rules'>,
): FrameEncoder {
  const values = parts.filter(part => part.kind !== 'text')
  const only = values.length === 1 ? values[0] : undefined
  const whole =
    only?.kind === 'field' && payload instanceof JsonPayload && payload.beginsWith(only.name) ? payload : undefined
  const heads = new Map<unknown, Head>()
  let headsVersion: MqttVersion = 4

  function makeHead(record: StreamRecord, beginning: Uint8Array): Head {
    const text = Buffer.from(topicOf(parts, record))
    const topicEnd = text.length + 2
    const size = topicEnd + qos * 2 + (headsVersion === 5 ? 1 : 0)
    const bytes = new Uint8Array(size + beginning.length)
    bytes[0] = text.length >> 8
    bytes[1] = text.length & 255
    bytes.set(text, 2)
    bytes.set(beginning, size)
    return { bytes, topicEnd }
  }
  function keptHead(record: StreamRecord, id: unknown): Head {
    const head = makeHead(record, whole ? whole.beginning(id) : nothing)
    if (heads.size >= headLimit) heads.clear()
    heads.set(id, head)
    return head
  }
  const idOf = only
    ? (record: StreamRecord) => partValue(only, record)
    : (record: StreamRecord) => (values.length === 0 ? '' : topicOf(parts, record))
  const field = only?.kind === 'field' && !only.name.includes('.') ? only.name : undefined
  return new FrameEncoder({
    flags: 0x30 | (qos << 1) | (retain ? 1 : 0),
    qos,
    rules,
    head(record, version) {
      if (version !== headsVersion) {
        heads.clear()
        headsVersion = version
      }
      if (rules.refusesTopics) checkAccepted(rules, topicOf(parts, record))
      if (record.value === null) return makeHead(record, nothing)
      const id = field === undefined ? idOf(record) : (record.value as Record<string, unknown>)[field]
      return heads.get(id) ?? keptHead(record, id)
    },
    payload: retain ? clearing(payload) : payload,
  })
}

function checkAccepted(rules: BrokerRules, topic: string): void {
  const why = rules.refusalOf(topic)
  if (why !== undefined) throw new ProcessError(`MQTT: the broker refuses ${topic}: ${why}`)
}

/** A null value of a retained target is an empty payload, which clears the topic (MQTT 3.1.1, 3.3.1.3). */
function clearing(payload: PayloadWriter): PayloadWriter {
  const of = (record: StreamRecord) => (record.value === null ? none : payload)
  return {
    bound: record => of(record).bound(record),
    write: (bytes, at, record, origin) => of(record).write(bytes, at, record, origin),
  }
}
