import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '../../src'
import type { FunctionSpec } from './case'
import { sameJson } from './functions'

/** The processors of the cases. Their memory is in their store, so that a restored task goes on where the lost one was. */
export function processor(spec: FunctionSpec, store: string): Processor {
  const make = processors[spec.name]
  if (make === undefined) throw new Error(`processor "${spec.name}" is not in the library`)
  return make(spec, store)
}

abstract class WithStore implements Processor {
  protected context!: ProcessorContext
  protected store!: KeyValueStore

  constructor(
    protected readonly spec: FunctionSpec,
    private readonly storeName: string,
  ) {}

  init(context: ProcessorContext): void {
    this.context = context
    this.store = context.store(this.storeName)
  }

  abstract process(record: StreamRecord<any, any>): void
}

class CountPunctuator extends WithStore {
  override init(context: ProcessorContext): void {
    super.init(context)
    const { punctuate, intervalMs } = this.spec
    if (this.isOver) return
    const schedule = context.schedule(intervalMs, punctuate, at => {
      const value = {
        count: this.get('count'),
        at,
        streamTime: context.currentStreamTimeMs(),
        wallClock: context.currentSystemTimeMs(),
      }
      context.forward({ key: 'punctuate', value, timestamp: at })
      this.store.put('count', 0)
      this.store.put('calls', this.get('calls') + 1)
      if (this.isOver) schedule.cancel()
    })
  }

  process(record: StreamRecord): void {
    this.store.put('count', this.get('count') + 1)
    if (this.spec.forwardInputs) this.context.forward(record)
  }

  private get isOver(): boolean {
    const { cancelAfter } = this.spec
    return cancelAfter !== undefined && this.get('calls') >= cancelAfter
  }

  private get(name: 'count' | 'calls'): number {
    return this.store.get(name) ?? 0
  }
}

class FlushStore extends WithStore {
  override init(context: ProcessorContext): void {
    super.init(context)
    context.schedule(this.spec.intervalMs, this.spec.punctuate, timestamp => {
      for (const { key, value } of this.store.all()) {
        context.forward({ key, value, timestamp })
        this.store.delete(key)
      }
    })
  }

  process({ key, value }: StreamRecord): void {
    if (key === null) return
    if (value === null) this.store.delete(key)
    else this.store.put(key, value)
  }
}

class Dedupe extends WithStore {
  process(record: StreamRecord): void {
    const { key, value } = record
    if (key !== null) {
      if (sameJson(value, this.store.get(key) ?? null)) return
      if (value === null) this.store.delete(key)
      else this.store.put(key, value)
    }
    this.context.forward(record)
  }
}

class CountPerKey extends WithStore {
  process(record: StreamRecord): void {
    const { key, value } = record
    const n = key === null ? 0 : (this.store.get(key) ?? 0) + 1
    if (key !== null) this.store.put(key, n)
    this.context.forward({ ...record, value: { n, v: value } })
  }
}

const processors: Record<string, (spec: FunctionSpec, store: string) => Processor> = {
  countPunctuator: (spec, store) => new CountPunctuator(spec, store),
  flushStore: (spec, store) => new FlushStore(spec, store),
  dedupe: (spec, store) => new Dedupe(spec, store),
  countPerKey: (spec, store) => new CountPerKey(spec, store),
}
