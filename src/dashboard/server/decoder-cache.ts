import type { Decoders } from '../../ops/record-json'
import type { Formats } from '../../ops/show-record'
import { decodersFor } from '../../ops/show-record'
import type { Reach } from './reach'

/** So long a schema is known, or known to be missing, without asking again, ms. */
const lifetimeMs = 60_000

/** Decoders with the schemas that they have met: a page of messages costs the registry nothing when the last one had the same. */
export class DecoderCache {
  private readonly known = new Map<string, { readonly decoders: Decoders; readonly madeAtMs: number }>()

  constructor(private readonly reach: Pick<Reach, 'registry' | 'watch'>) {}

  /** While the registry is away Avro is shown as the bytes that it is. */
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
