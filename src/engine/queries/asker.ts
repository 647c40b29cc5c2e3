import { callback, checkOptions, kind, needed, type OptionKinds, plain, whole } from '../../checked-options'
import type { Codec, SchemaRegistry } from '../../codecs/codec'
import type { Broker } from '../../connectors/broker'
import { Requester } from '../../connectors/requests/requester'
import { checkedTopology, type Topology } from '../../dsl/graph'
import {
  ConfigError,
  NoReplyError,
  NotFoundError,
  RefusalError,
  type StreamError,
  UnavailableError,
  UsageError,
} from '../../errors'
import { groupOf, queriesTopic, repliesTopic } from '../../names'
import { entryOf } from '../../required'
import { canBeAsked } from '../../state/sealed-view'
import { copartitioned } from '../plan/passes/copartition'
import { planOf, sourceTopics } from '../plan/plan'
import { planTopics } from '../plan/topic-needs'
import { partitionsOf } from '../plan/width'
import { plainKey } from './plain-key'
import { type Answer, encodeQuestion, type Question } from './question'
import { type StorePlace, storePlaces } from './store-places'

export interface AskerOptions {
  readonly topology: Topology
  readonly broker: Broker
  /** Asked for the schema of keys that are Avro. */
  readonly registry: SchemaRegistry
  /** The wall clock, unix ms. */
  readonly nowMs: () => number
  /** How long an answer is waited for (10,000 ms; 60,000 at most). */
  readonly timeoutMs?: number
}

export interface AskOptions {
  readonly timeoutMs?: number
  /** The task's partition, where it doesn't follow from the key (a partitioner of the author's). */
  readonly partition?: number
}

const has = (name: string) => (value: unknown) => typeof Object(value)[name] === 'function'
const known: OptionKinds = {
  topology: plain,
  broker: needed(kind('what createBroker() gives', has('createReader'))),
  registry: needed(kind('a registry, which has idOf() and schemaById()', has('schemaById'))),
  nowMs: needed(callback),
  timeoutMs: whole(1, 'ms'),
}

/** A store, and over how many tasks it is spread. */
type Place = StorePlace & { readonly width: number }

/** Asks a running topology what its stores hold, whichever worker owns the key. */
export class Asker {
  private readonly codecs = new Map<string, Promise<Codec<unknown>>>()

  private constructor(
    readonly application: string,
    private readonly places: ReadonlyMap<string, Place>,
    private readonly requester: Requester,
    private readonly options: AskerOptions,
  ) {}

  /**
   * Finds out where the stores are. Throws NotFoundError for a topology that has never run on this cluster, TopologyError for one
   * that doesn't fit its topics, ConfigError for options that can't be, UnavailableError without Kafka.
   */
  static async open(options: AskerOptions): Promise<Asker> {
    checkOptions('Asker.open', options, known, ConfigError)
    checkedTopology('Asker.open', options.topology)
    const { topology, broker, nowMs, timeoutMs } = options
    const { name } = topology
    const [requestTopic, replyTopic] = [queriesTopic(name), repliesTopic(name)]
    const existing = await broker.partitionCounts([...sourceTopics(topology), requestTopic, replyTopic])
    if (!existing.has(requestTopic) || !existing.has(replyTopic))
      throw new NotFoundError(`topology "${name}" has never run on this cluster: topic ${requestTopic} doesn't exist`)
    const plan = planOf(copartitioned(topology, existing))
    const { counts } = await planTopics(plan, broker)
    const places = [...storePlaces(plan)].map(([store, place]) => {
      const width = place.part === undefined ? entryOf(existing, requestTopic) : partitionsOf(place.part, counts)
      return [store, { ...place, width }] as const
    })
    const requester = await Requester.open({ broker, requestTopic, replyTopic, nowMs, ...(timeoutMs && { timeoutMs }) })
    return new Asker(name, new Map(places), requester, options)
  }

  /**
   * Asks the owner of a key. Throws NotFoundError for an unknown store, UsageError for what can't be asked, NoReplyError when
   * nobody answers in time.
   */
  async ask(question: Question, options: AskOptions = {}): Promise<Answer> {
    const { timeoutMs } = options
    const partition = options.partition ?? (await this.partitionOf(question))
    try {
      const reply = await this.requester.request(encodeQuestion(question), {
        partition,
        ...(timeoutMs && { timeoutMs }),
      })
      if (reply === null) throw new Error('a fault of weir: an answer without a value')
      return JSON.parse(reply.toString('utf8')) as Answer
    } catch (error) {
      if (error instanceof NoReplyError) throw await this.silence(error)
      if (error instanceof RefusalError) throw refusal(error)
      throw error
    }
  }

  /** A key that was written as text: a number where the store's keys are numbers, JSON where they are neither that nor text. */
  keyOf(store: string, text: string): unknown {
    const { name } = this.place(store).key
    if (name === 'text') return text
    if (/^(integer|long|double)$/.test(name)) return Number(text)
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  }

  /** How many workers run now. */
  workers(): Promise<number> {
    return this.options.broker.memberCount(groupOf(this.application))
  }

  /** Rejects what is in flight; the broker is the caller's. */
  close(): Promise<void> {
    return this.requester.close()
  }

  private place(name: string): Place {
    const place = this.places.get(name)
    const known = [...this.places.keys()]
    if (place !== undefined) return place
    throw new NotFoundError(`topology "${this.application}" has no store "${name}"; it has: ${known.join(', ')}`)
  }

  private async partitionOf({ store: name, key }: Question): Promise<number> {
    const { width, spec, key: serde, topic } = this.place(name)
    if (!canBeAsked(spec.kind))
      throw new UsageError(`store "${name}" holds what is on its way (${spec.kind}): it can't be asked`)
    const { registry, broker } = this.options
    if (!this.codecs.has(name)) this.codecs.set(name, serde.bind({ topic, part: 'key', use: 'read', registry }))
    const codec = await entryOf(this.codecs, name)
    try {
      return broker.partitionOf(codec.encode(plainKey(key)), width)
    } catch (error) {
      throw new UsageError(
        `${JSON.stringify(key)} is no key of store "${name}" (${serde.name}): ${(error as Error).message}`,
      )
    }
  }

  /** The error for a question that nobody has answered: whether anybody runs is seen from the group. */
  private async silence(error: NoReplyError): Promise<StreamError> {
    const count = await this.workers().catch(() => undefined)
    if (count === 0) return notRunning(this.application)
    const { topic, partition } = error.at
    const workers = count === undefined ? 'Kafka does not say who should have' : `${count} in the group`
    return new NoReplyError(
      `${error.message}: the worker that owns partition ${partition} is starting, taking over, stopped or too slow (workers: ${workers}); ask again, or give more time`,
      { topic, partition },
    )
  }
}

export const notRunning = (application: string) =>
  new UnavailableError(`topology "${application}" isn't running: its group has no member; start it: npx weir run`)

function refusal(error: RefusalError): StreamError {
  if (error.reason === 'NotFoundError') return new NotFoundError(error.message)
  return error.reason === 'UsageError' ? new UsageError(error.message) : error
}
