import type { GroupByOptions } from '../face/grouping'
import type { Mapper } from '../graph/functions'
import { checkStep } from './checked-step'
import { nameless, type StreamDraft } from './drafts'
import { keyed, repartitioned } from './repartitioning'
import { keySelected } from './stateless'

/** A grouped stream while its topology is built. */
export class Grouping {
  readonly kind = 'grouped'
  readonly stream: StreamDraft
  private readonly name: string | undefined
  /** The stream behind the repartition topic of the group's own name: all its aggregations read that one, as in Kafka Streams. */
  private shared: StreamDraft | undefined

  /** Throws TopologyError for options that can't be. */
  constructor(stream: StreamDraft, options: GroupByOptions<any, any> = {}) {
    checkStep('groupByKey', options, 'groupBy')
    const { name, key, value } = options
    this.stream = { ...stream, ...(key && { key }), ...(value && { value }) }
    this.name = name
  }

  /** The stream as the aggregation `step` reads it: behind a repartition topic where its key may have changed. */
  keyedFor(step: string | undefined): StreamDraft {
    if (!step) throw nameless(this.stream.node)
    if (this.name === undefined || !this.stream.rekeyed) return keyed(this.stream, step)
    this.shared ??= repartitioned(this.stream, { name: this.name })
    return this.shared
  }
}

/** The groups of a stream by what a function says of each record. */
export function groupedBy(stream: StreamDraft, mapper: Mapper, options: GroupByOptions<any, any> = {}): Grouping {
  checkStep('groupBy', options, 'groupBy')
  const { name } = options
  return new Grouping(keySelected(stream, mapper, name === undefined ? {} : { name }), options)
}
