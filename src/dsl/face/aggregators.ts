import { overflow, titleOf, unfit } from './figure-faults'

/**
 * One named figure of an aggregation. Its state is a run of places in an array that all figures of the aggregation share, so that a
 * record costs one copy of numbers: `add` and `merge` change that fresh copy, `at` is where the figure's places begin.
 */
export interface Aggregator<V, R> {
  /** What tells its state from other figures'; absent: its first values. */
  readonly kind?: string
  /** The field of the values that it is a figure of, where it is named and no function. */
  readonly field?: string
  /** The places' first values. */
  readonly initial: readonly unknown[]
  add(state: any[], at: number, value: V): void
  result(state: readonly any[], at: number): R
  /** Joins the state of a second session, which is the later one, to the first. */
  merge(state: any[], at: number, later: readonly any[]): void
}

type FieldOf<V, T> = { [F in keyof V]: V[F] extends T ? F : never }[keyof V] & string

/**
 * How an aggregator gets its number: the name of a numeric field, or a function. What isn't a finite number (a text, null, NaN) is the
 * fault of the record that brings it, and so is a figure that stops being one: neither reaches a result.
 */
export type Selector<V> = FieldOf<V, number> | ((value: V) => number)

/** The same for texts; `min` and `max` compare them by UTF-16 code units, as JavaScript's `<` does. */
export type TextSelector<V> = FieldOf<V, string> | ((value: V) => string)

function select<V, T>(selector: string | ((value: V) => T)): (value: V) => T {
  // A property by a constant name is several times faster than one by a variable.
  return typeof selector === 'function'
    ? selector
    : (new Function('value', `return value[${JSON.stringify(selector)}]`) as (value: V) => T)
}

const fieldOf = (selector: unknown) => (typeof selector === 'string' ? { field: selector } : {})

/**
 * Number of records.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { count: count() } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"count":1} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"count":2} @2
 */
export function count<V>(): Aggregator<V, number> {
  return {
    kind: 'count',
    initial: [0],
    add: (state, at) => void state[at]++,
    result: (state, at) => state[at],
    merge: (state, at, later) => void (state[at] += later[at]),
  }
}

/**
 * Sum of doubles, added left to right in processing order.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { sum: sum('total') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"sum":20} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"sum":30} @2
 */
export function sum<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  const title = titleOf('sum', selector)
  return {
    ...{ kind: 'sum', ...fieldOf(selector) },
    initial: [0],
    add: (state, at, value) => {
      const number = of(value)
      state[at] = summed(title, state[at], number)
    },
    result: (state, at) => state[at],
    merge: (state, at, later) => {
      state[at] = summed(title, state[at], later[at])
    },
  }
}

function summed(title: string, sum: number, number: unknown): number {
  if (typeof number !== 'number' || !Number.isFinite(number)) throw unfit(title, number)
  const next = sum + number
  if (!Number.isFinite(next)) throw overflow(title, number)
  return next
}

/**
 * Smallest number.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { min: min('total') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"min":20} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"min":10} @2
 */
export function min<V>(selector: Selector<V>): Aggregator<V, number>
/**
 * The first text in the order of UTF-16 code units.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { min: min('customer') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"min":"ann"} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"min":"ann"} @2
 */
export function min<V>(selector: TextSelector<V>): Aggregator<V, string>
export function min<V>(selector: Selector<V> | TextSelector<V>): Aggregator<V, number | string> {
  const of = select<V, number | string>(selector)
  const title = titleOf('min', selector)
  const keep = (state: any[], at: number, value: number | string) => {
    const held = state[at]
    checkOrder(title, held, value)
    if (held === nothingYet.min || value < held) state[at] = value
  }
  return {
    ...{ kind: 'min', ...fieldOf(selector) },
    initial: [nothingYet.min],
    add: (state, at, value) => keep(state, at, of(value)),
    result: (state, at) => state[at],
    merge: (state, at, later) => keep(state, at, later[at]),
  }
}

/**
 * Largest number.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { max: max('total') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"max":20} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"max":20} @2
 */
export function max<V>(selector: Selector<V>): Aggregator<V, number>
/**
 * The last text in the order of UTF-16 code units.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { max: max('customer') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"max":"ann"} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"max":"bob"} @2
 */
export function max<V>(selector: TextSelector<V>): Aggregator<V, string>
export function max<V>(selector: Selector<V> | TextSelector<V>): Aggregator<V, number | string> {
  const of = select<V, number | string>(selector)
  const title = titleOf('max', selector)
  const keep = (state: any[], at: number, value: number | string) => {
    const held = state[at]
    checkOrder(title, held, value)
    if (held === nothingYet.max || value > held) state[at] = value
  }
  return {
    ...{ kind: 'max', ...fieldOf(selector) },
    initial: [nothingYet.max],
    add: (state, at, value) => keep(state, at, of(value)),
    result: (state, at) => state[at],
    merge: (state, at, later) => keep(state, at, later[at]),
  }
}

/** What stands in the place of a figure that has seen no record. */
const nothingYet = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }

/** Throws ProcessError for what has no place in the order of what was seen so far: numbers and texts don't compare. */
function checkOrder(title: string, held: unknown, value: unknown): void {
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'string')
    throw unfit(title, value, 'a finite number or a text')
  if (typeof value === typeof held || held === nothingYet.min || held === nothingYet.max) return
  throw unfit(title, value, typeof held === 'string' ? 'a text, as before' : 'a finite number, as before')
}

/**
 * Arithmetic mean: sum / count, the sum added left to right.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { mean: mean('total') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"mean":20} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"mean":15} @2
 */
export function mean<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  const title = titleOf('mean', selector)
  return {
    ...{ kind: 'mean', ...fieldOf(selector) },
    initial: [0, 0],
    add: (state, at, value) => {
      state[at] = summed(title, state[at], of(value))
      state[at + 1]++
    },
    result: (state, at) => state[at] / state[at + 1],
    merge: (state, at, later) => {
      state[at] = summed(title, state[at], later[at])
      state[at + 1] += later[at + 1]
    },
  }
}

/**
 * What the first record gave.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { first: first(order => order.customer) } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"first":"ann"} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"first":"ann"} @2
 */
export function first<V, R>(selector: (value: V) => R): Aggregator<V, R> {
  return {
    kind: 'first',
    initial: [0, null],
    add: (state, at, value) => {
      if (state[at]++ === 0) state[at + 1] = selector(value)
    },
    result: (state, at) => state[at + 1],
    merge: (state, at, later) => {
      if (state[at] === 0) state[at + 1] = later[at + 1]
      state[at] += later[at]
    },
  }
}

/**
 * What the last record gave, in processing order.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { last: last(order => order.customer) } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"last":"ann"} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"last":"bob"} @2
 */
export function last<V, R>(selector: (value: V) => R): Aggregator<V, R> {
  return {
    kind: 'last',
    initial: [0, null],
    add: (state, at, value) => {
      state[at]++
      state[at + 1] = selector(value)
    },
    result: (state, at) => state[at + 1],
    merge: (state, at, later) => {
      if (later[at] > 0) state[at + 1] = later[at + 1]
      state[at] += later[at]
    },
  }
}

/**
 * Sample standard deviation (n - 1), by Welford's method; 0 for one record.
 * @example
 * orders.groupByKey().aggregate({ name: 'figures', of: { stddev: stddev('total') } }).toStream().to('figures', out)
 * // orders a {"customer":"ann","total":20} @1
 * //   → figures a {"stddev":0} @1
 * // orders a {"customer":"bob","total":10} @2
 * //   → figures a {"stddev":7.0710678118654755} @2
 */
export function stddev<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  const title = titleOf('stddev', selector)
  return {
    ...{ kind: 'stddev', ...fieldOf(selector) },
    initial: [0, 0, 0],
    add: (state, at, value) => {
      const number = of(value)
      if (!Number.isFinite(number)) throw unfit(title, number)
      const delta = number - state[at + 1]
      state[at + 1] += delta / ++state[at]
      state[at + 2] += delta * (number - state[at + 1])
      if (!Number.isFinite(state[at + 2])) throw overflow(title, number)
    },
    result: (state, at) => (state[at] < 2 ? 0 : Math.sqrt(state[at + 2] / (state[at] - 1))),
    // Chan, Golub, LeVeque 1979: the moments of two samples joined.
    merge: (state, at, later) => {
      const [left, right] = [state[at], later[at]]
      const all = left + right
      if (right === 0) return
      const delta = later[at + 1] - state[at + 1]
      state[at] = all
      state[at + 1] += (delta * right) / all
      state[at + 2] += later[at + 2] + (delta * delta * left * right) / all
      if (!Number.isFinite(state[at + 2])) throw overflow(title, later[at + 1])
    },
  }
}

export type Aggregators<V> = Readonly<Record<string, Aggregator<V, any>>>
export type ResultOf<A> = { readonly [F in keyof A]: A[F] extends Aggregator<any, infer R> ? R : never }
