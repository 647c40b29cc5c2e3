import type { GroupByOptions } from '../face/grouping'
import { nameless, type StreamDraft } from './drafts'
import { keyed, repartitioned } from './repartitioning'

/** A grouped stream while its topology is built. */
export class Grouping {
  readonly kind = 'grouped'
  readonly stream: StreamDraft
  private readonly name: string | undefined
  /** The stream behind the repartition topic of the group's own name: all its aggregations read that one, as in Kafka Streams. */
  private shared: StreamDraft | undefined

  constructor(stream: StreamDraft, { name, key, value }: GroupByOptions<any, any> = {}) {
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
