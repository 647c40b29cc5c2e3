import type { FunctionSpec, NodeSpec } from '../case'
import type { InputTopic } from './inputs'

/** Longer than any input lasts: nothing is late by it, and no store forgets. */
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Adds steps to a topology, as its numbers from a seed have it. */
export class Drawing {
  readonly nodes: NodeSpec[] = []
  private number = 0

  constructor(private readonly next: () => number) {}

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.next() * of.length)]!
  }

  /** Adds a step; gives its id. */
  add(op: string, from: string | undefined, fields: object = {}): string {
    const id = `n${this.number++}`
    this.nodes.push({ id, op, ...(from !== undefined && { from }), ...fields })
    return id
  }

  stream(topic: InputTopic): string {
    return this.add('stream', undefined, { topic })
  }

  table(topic: InputTopic): string {
    const table = this.add('table', undefined, { topic, ...(this.chance(0.4) && { materialized: true }) })
    return this.chance(0.4) ? this.tableStep(table) : table
  }

  end(from: string): void {
    this.add('to', from, { topic: 'out' })
  }

  endOfTable(from: string): void {
    this.end(this.add('toStream', from))
  }

  private predicate(): FunctionSpec {
    return this.chance(0.5)
      ? { fn: 'valueModEquals', n: 3, r: this.pick([0, 1, 2]) }
      : { fn: this.pick(['valueGreaterThan', 'valueLessThan']), x: this.pick([20, 50, 80]) }
  }

  private mapper(): FunctionSpec {
    const fn = this.pick(['addToValue', 'multiplyValue', 'identity', 'nullIfGreaterThan'])
    return fn === 'nullIfGreaterThan' ? { fn, x: 90 } : fn === 'identity' ? { fn } : { fn, x: this.pick([1, 3, 7]) }
  }

  /** A step of a stream that leaves its key, and its whole numbers. */
  streamStep(from: string): string {
    const op = this.pick(['filter', 'filterNot', 'mapValues', 'flatMapValues'])
    if (op === 'mapValues') return this.add(op, from, { mapper: this.mapper() })
    if (op !== 'flatMapValues') return this.add(op, from, { predicate: this.predicate() })
    return this.add(op, from, { mapper: this.pick([{ fn: 'repeat', n: 2 }, { fn: 'countUp' }]) })
  }

  streamSteps(from: string, most: number): string {
    let at = from
    for (let i = this.pick(Array.from({ length: most + 1 }, (_, n) => n)); i > 0; i--) at = this.streamStep(at)
    return at
  }

  tableStep(from: string): string {
    const kept = this.chance(0.4) ? { materialized: true } : {}
    return this.chance(0.5)
      ? this.add('filter', from, { predicate: this.predicate(), ...kept })
      : this.add('mapValues', from, { mapper: this.mapper(), ...kept })
  }

  /** Moves records to other keys: the next step by key is behind a repartition. */
  rekeyed(from: string): string {
    return this.add('selectKey', from, { mapper: this.newKey() })
  }

  newKey(): FunctionSpec {
    return this.pick([
      { fn: 'keyFromValueMod', n: 7 },
      { fn: 'appendToKey', suffix: 'x' },
      { fn: 'constantKey', key: 'all' },
    ])
  }

  windows(graceMs: number): object {
    const sizeMs = this.pick([5_000, 10_000, 30_000])
    return this.pick([
      { type: 'tumbling', sizeMs, graceMs },
      { type: 'hopping', sizeMs, advanceMs: this.pick([sizeMs / 5, sizeMs / 2]), graceMs },
      { type: 'sliding', timeDifferenceMs: sizeMs, graceMs },
      { type: 'session', gapMs: this.pick([1_000, 4_000, 10_000]), graceMs },
    ])
  }

  /** `ordered`: the aggregate may hang on the order in which its records come. */
  aggregate(group: string, ordered: boolean, retention: object = {}): string {
    const op = this.pick(['count', 'reduce', 'aggregate'])
    if (op === 'count') return this.add(op, group, retention)
    if (op === 'reduce') {
      const reducer = { fn: this.pick(ordered ? ['sum', 'max', 'min', 'last', 'subtract'] : ['sum', 'max', 'min']) }
      return this.add(op, group, { reducer, ...retention })
    }
    const aggregate = ordered && this.chance(0.6) ? { fn: 'list', max: 4 } : { fn: 'sum' }
    return this.add(op, group, { aggregate, ...retention })
  }

  windowed(group: string, graceMs: number, ordered: boolean, emit: object = {}): string {
    const windowed = this.add('windowedBy', group, { windows: this.windows(graceMs), ...emit })
    return this.aggregate(windowed, ordered, { retentionMs: dayMs })
  }

  foreignKey(op: string): void {
    const facts = this.add('table', undefined, { topic: 'facts' })
    const foreignKey = { fn: 'keyFromField', field: 'fk' }
    this.endOfTable(this.join([op], facts, this.table('refs'), { foreignKey }))
  }

  join(ops: readonly string[], from: string, other: string, fields: object = {}): string {
    return this.add(this.pick(ops), from, { with: other, joiner: { fn: this.pick(['pair', 'sum']) }, ...fields })
  }
}
