import type { Outages } from '../../../outages'
import type { MissingSchema } from '../../task/input'
import { patiently } from '../patience'

/** Loads writers' schemas that inputs wait for: such an input pauses, the others don't. */
export class SchemaLoading {
  private readonly loading = new Set<MissingSchema>()
  private readonly ended = new AbortController()

  constructor(
    private readonly outages: Outages,
    private readonly on: { readonly loaded: () => void; readonly failed: (error: unknown) => void },
  ) {}

  async load(missing: MissingSchema): Promise<void> {
    if (this.loading.has(missing)) return
    this.loading.add(missing)
    try {
      await patiently('the schema registry', this.outages, this.ended.signal, () => missing.load())
      this.loading.delete(missing)
      this.on.loaded()
    } catch (error) {
      if (!this.ended.signal.aborted) this.on.failed(error)
    }
  }

  close(): void {
    this.ended.abort()
  }
}
