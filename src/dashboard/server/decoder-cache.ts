import type { Decoders } from '../../ops/record-json'
import type { Formats } from '../../ops/show-record'
import { decodersFor } from '../../ops/show-record'
import type { Reach } from './reach'

/** How long a schema is remembered, or that it is missing, before the registry is asked again, ms. */
const lifetimeMs = 60_000

/** Decoders with the schemas that they have read: a page of messages with known schemas costs the registry nothing. */
export class DecoderCache {
  private readonly known = new Map<string, { readonly decoders: Decoders; readonly madeAtMs: number }>()

  constructor(private readonly reach: Pick<Reach, 'registry' | 'watch'>) {}

  /** While the registry is away Avro is shown as bytes. */
  get(formats: Formats): Decoders {
    const { registry, watch } = this.reach
    const isAway = watch.isUp('registry') === false
    const name = `${formats.key} ${formats.value} ${isAway}`
    const known = this.known.get(name)
    if (known !== undefined && performance.now() - known.madeAtMs < lifetimeMs) return known.decoders
    const decoders = decodersFor(formats, isAway ? undefined : registry)
    this.known.set(name, { decoders, madeAtMs: performance.now() })
    return decoders
  }
}
