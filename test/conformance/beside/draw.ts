import { seededRandom } from '../../../src/sensors/simulator/random'
import type { FunctionSpec, NodeSpec } from '../case'
import type { Comparison } from './compare'

/** A topology that both sides run, and how far its results are determined. */
export interface Drawn {
  readonly name: string
  readonly family: string
  readonly comparison: Comparison
  /** Its answers don't hang on where its tasks run: workers may come and go. */
  readonly mayMove: boolean
  readonly nodes: readonly NodeSpec[]
}

/** The topics of the input: see inputs.ts. */
export type InputTopic = 'left' | 'right' | 'facts' | 'refs' | 'disordered' | 'late'

/** Longer than any input lasts: nothing is late by it, and no store forgets. */
const hourMs = 3_600_000
const dayMs = 24 * hourMs

class Draw {
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

  windowed(group: string, graceMs: number, ordered: boolean): string {
    const windowed = this.add('windowedBy', group, { windows: this.windows(graceMs) })
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

const anyJoin = ['join', 'leftJoin', 'outerJoin']
const around = (draw: Draw, graceMs: number) => ({
  windows: { beforeMs: draw.pick([0, 2_000, 10_000]), afterMs: draw.pick([500, 2_000, 10_000]), graceMs },
})

interface Family {
  readonly comparison: Comparison
  /** Absent: its workers may move. */
  readonly rests?: true
  draw(draw: Draw): void
}

/**
 * What is drawn. One source, and sources that are partitioned alike, meet in one task in the order of their timestamps: each key's results are
 * a sequence. Behind a repartition a task reads what several others have written, in the order in which these happened to commit: there only
 * steps are drawn whose last answers, or whose results as a set, don't hang on that order.
 */
export const families: Readonly<Record<string, Family>> = {
  stateless: {
    comparison: 'sequence',
    draw: d => d.end(d.streamSteps(d.streamStep(d.stream(d.pick(['left', 'disordered']))), 3)),
  },
  merged: {
    comparison: 'sequence',
    draw: d => {
      const other = d.streamSteps(d.stream('right'), 1)
      const merged = d.add('merge', d.streamSteps(d.stream('left'), 1), { with: other })
      d.endOfTable(d.aggregate(d.add('groupByKey', merged), true))
    },
  },
  aggregate: {
    comparison: 'sequence',
    draw: d => {
      const group = d.add('groupByKey', d.streamSteps(d.stream(d.pick(['left', 'disordered'])), 2))
      const made = d.aggregate(group, true)
      d.endOfTable(d.chance(0.4) && !isList(d.nodes.at(-1)!) ? d.tableStep(made) : made)
    },
  },
  windows: {
    comparison: 'sequence',
    draw: d => d.endOfTable(d.windowed(d.add('groupByKey', d.streamSteps(d.stream('disordered'), 1)), 60_000, true)),
  },
  // What is late is left out by the time that a task has seen: Kafka Streams forgets that time where a task moves, and takes late records in again.
  'windows, late': {
    comparison: 'sequence',
    rests: true,
    draw: d => d.endOfTable(d.windowed(d.add('groupByKey', d.stream('late')), d.pick([0, 1_000, 5_000]), true)),
  },
  cogroup: {
    comparison: 'sequence',
    draw: d => {
      const adder = { fn: d.pick(['sum', 'subtract', 'max', 'last']) }
      const first = d.add('cogroup', d.add('groupByKey', d.stream('left')), { adder })
      const right = d.add('groupByKey', d.stream('right'))
      const both = d.add('cogroup', first, { with: right, adder: { fn: d.pick(['sum', 'subtract', 'max']) } })
      d.endOfTable(d.add('aggregate', both, { aggregate: { fn: 'sum' } }))
    },
  },
  'stream-stream': {
    comparison: 'sequence',
    draw: d => {
      const right = d.streamSteps(d.stream('right'), 1)
      d.end(d.join(anyJoin, d.streamSteps(d.stream('left'), 1), right, around(d, d.pick([0, 1_000, 5_000]))))
    },
  },
  'stream-table': {
    comparison: 'sequence',
    draw: d => {
      const table = d.chance(0.5) ? d.table('right') : d.aggregate(d.add('groupByKey', d.stream('right')), true)
      d.end(d.join(['join', 'leftJoin'], d.streamSteps(d.stream('left'), 1), table))
    },
  },
  'table-table': {
    comparison: 'sequence',
    draw: d => {
      const right = d.table('right')
      const joined = d.join(anyJoin, d.table('left'), right, d.chance(0.4) ? { materialized: true } : {})
      d.endOfTable(d.chance(0.3) ? d.join(anyJoin, joined, d.table('facts')) : joined)
    },
  },
  'table steps': {
    comparison: 'sequence',
    draw: d => d.endOfTable(d.tableStep(d.tableStep(d.table('left')))),
  },
  'other keys': {
    comparison: 'set',
    draw: d => {
      const from = d.streamSteps(d.stream(d.pick(['left', 'disordered'])), 1)
      const op = d.pick(['map', 'flatMap', 'selectKey'])
      if (op === 'selectKey') return d.end(d.rekeyed(from))
      if (op === 'flatMap') return d.end(d.add(op, from, { mapper: { fn: 'explode', n: 3 } }))
      d.end(d.add(op, from, { key: d.newKey(), value: { fn: 'addToValue', x: 2 } }))
    },
  },
  // No window closes, so the pairs don't hang on which side comes first.
  'stream-stream, repartitioned': {
    comparison: 'set',
    draw: d => {
      const mapper = { fn: 'appendToKey', suffix: 'j' }
      const right = d.add('selectKey', d.stream('right'), { mapper })
      const left = d.add('selectKey', d.streamSteps(d.stream('left'), 1), { mapper })
      d.end(d.join(['join'], left, right, around(d, hourMs)))
    },
  },
  'aggregate, repartitioned': {
    comparison: 'last',
    draw: d => {
      const from = d.streamSteps(d.stream(d.pick(['left', 'disordered'])), 1)
      const group = d.chance(0.5) ? d.add('groupBy', from, { key: d.newKey() }) : d.add('groupByKey', d.rekeyed(from))
      d.endOfTable(d.aggregate(group, false))
    },
  },
  // Without nulls: a window's reduction keeps none, and so begins anew with what comes next, whatever that is.
  'windows, repartitioned': {
    comparison: 'last',
    draw: d => {
      const from = d.add('filter', d.stream('disordered'), { predicate: { fn: 'valueNotNull' } })
      d.endOfTable(d.windowed(d.add('groupBy', from, { key: d.newKey() }), hourMs, false))
    },
  },
  'table regrouped': {
    comparison: 'last',
    draw: d => {
      const group = d.add('groupBy', d.table('left'), { key: d.newKey(), value: { fn: 'identity' } })
      if (d.chance(0.5)) return d.endOfTable(d.add('count', group))
      d.endOfTable(d.add('reduce', group, { adder: { fn: 'sum' }, subtractor: { fn: 'subtract' } }))
    },
  },
  'table-table, repartitioned': {
    comparison: 'last',
    draw: d => {
      const key = { fn: 'keyFromValueMod', n: 7 }
      const right = d.aggregate(d.add('groupBy', d.stream('right'), { key }), false)
      d.endOfTable(d.join(anyJoin, d.aggregate(d.add('groupBy', d.stream('left'), { key }), false), right))
    },
  },
  'foreign key': { comparison: 'last', draw: d => d.foreignKey('join') },
  'foreign key, left': { comparison: 'last value', draw: d => d.foreignKey('leftJoin') },
}

const isList = ({ aggregate }: NodeSpec) => aggregate?.fn === 'list'

/** The topologies of a seed, one family after the other, so that each has its share of any number. */
export function drawTopologies(seed: number, count: number): Drawn[] {
  const names = Object.keys(families)
  return Array.from({ length: count }, (_, i) => {
    const family = names[i % names.length]!
    const { comparison, rests, draw } = families[family]!
    // A sequence of its own, so that topology 17 of a seed is the same among 20 as among 200.
    const drawing = new Draw(seededRandom(seed * 2 ** 20 + i))
    draw(drawing)
    return { name: `t${i}`, family, comparison, mayMove: rests === undefined, nodes: drawing.nodes }
  })
}
