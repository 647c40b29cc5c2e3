import type { NodeSpec } from '../case'
import type { Comparison } from './compare'
import { type Drawing, dayMs, hourMs } from './drawing'

const anyJoin = ['join', 'leftJoin', 'outerJoin']
const around = (draw: Drawing, graceMs: number) => ({
  windows: { beforeMs: draw.pick([0, 2_000, 10_000]), afterMs: draw.pick([500, 2_000, 10_000]), graceMs },
})

/** A kind of topologies. */
export interface Family {
  readonly comparison: Comparison
  /** Absent: its workers may move. */
  readonly rests?: true
  draw(drawing: Drawing): void
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
  'windows, final': {
    comparison: 'sequence',
    draw: d =>
      d.endOfTable(d.windowed(d.add('groupByKey', d.stream('disordered')), 20_000, true, { emit: 'onWindowClose' })),
  },
  'windows, suppressed': {
    comparison: 'sequence',
    draw: d => {
      const windows = d.windowed(d.add('groupByKey', d.stream('disordered')), 20_000, true)
      d.endOfTable(d.add('suppress', windows, { until: 'windowCloses' }))
    },
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
      const aggregate = { fn: 'sum' }
      if (d.chance(0.5)) return d.endOfTable(d.add('aggregate', both, { aggregate }))
      const windowed = d.add('windowedBy', both, { windows: d.windows(60_000) })
      d.endOfTable(d.add('aggregate', windowed, { aggregate, retentionMs: dayMs }))
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
