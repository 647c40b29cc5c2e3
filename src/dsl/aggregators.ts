/** One named figure of an aggregation: a state that a value is added to, and the result that it gives. */
export interface Aggregator<V, S, R> {
  readonly initial: S
  add(state: S, value: V): S
  result(state: S): R
  /** Joins the states of two sessions, `left` first. */
  merge(left: S, right: S): S
}

type Numeric<V> = { [F in keyof V]: V[F] extends number ? F : never }[keyof V] & string

/** How an aggregator gets its number: the name of a numeric field, or a function. */
export type Selector<V> = Numeric<V> | ((value: V) => number)

function select<V>(selector: Selector<V>): (value: V) => number {
  return typeof selector === 'function' ? selector : value => value[selector] as number
}

/** Number of records. */
export function count<V>(): Aggregator<V, number, number> {
  return { initial: 0, add: state => state + 1, result: state => state, merge: (left, right) => left + right }
}

/** Sum of doubles, added left to right in processing order. */
export function sum<V>(selector: Selector<V>): Aggregator<V, number, number> {
  const of = select(selector)
  return {
    initial: 0,
    add: (state, value) => state + of(value),
    result: state => state,
    merge: (left, right) => left + right,
  }
}

/** Smallest number; null before the first. */
export function min<V>(selector: Selector<V>): Aggregator<V, number | null, number> {
  const of = select(selector)
  const least = (a: number | null, b: number | null) => (a === null || (b !== null && b < a) ? b : a)
  return {
    initial: null,
    add: (state, value) => least(state, of(value)),
    result: state => state as number,
    merge: least,
  }
}

/** Largest number; null before the first. */
export function max<V>(selector: Selector<V>): Aggregator<V, number | null, number> {
  const of = select(selector)
  const most = (a: number | null, b: number | null) => (a === null || (b !== null && b > a) ? b : a)
  return { initial: null, add: (state, value) => most(state, of(value)), result: state => state as number, merge: most }
}

interface SumCount {
  readonly sum: number
  readonly count: number
}

/** Arithmetic mean: sum / count, the sum added left to right. */
export function mean<V>(selector: Selector<V>): Aggregator<V, SumCount, number> {
  const of = select(selector)
  return {
    initial: { sum: 0, count: 0 },
    add: (state, value) => ({ sum: state.sum + of(value), count: state.count + 1 }),
    result: state => state.sum / state.count,
    merge: (left, right) => ({ sum: left.sum + right.sum, count: left.count + right.count }),
  }
}

/** What the first record gave. */
export function first<V, R>(selector: (value: V) => R): Aggregator<V, { readonly first: R } | null, R> {
  return {
    initial: null,
    add: (state, value) => state ?? { first: selector(value) },
    result: state => state!.first,
    merge: (left, right) => left ?? right,
  }
}

/** What the last record gave, in processing order. */
export function last<V, R>(selector: (value: V) => R): Aggregator<V, { readonly last: R } | null, R> {
  return {
    initial: null,
    add: (_state, value) => ({ last: selector(value) }),
    result: state => state!.last,
    merge: (left, right) => right ?? left,
  }
}

interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

/** Sample standard deviation (n - 1), by Welford's method; 0 for one record. */
export function stddev<V>(selector: Selector<V>): Aggregator<V, Moments, number> {
  const of = select(selector)
  return {
    initial: { count: 0, mean: 0, squares: 0 },
    add: (state, value) => {
      const count = state.count + 1
      const delta = of(value) - state.mean
      const mean = state.mean + delta / count
      return { count, mean, squares: state.squares + delta * (of(value) - mean) }
    },
    result: ({ count, squares }) => (count < 2 ? 0 : Math.sqrt(squares / (count - 1))),
    // Chan, Golub, LeVeque 1979: the moments of two samples joined.
    merge: (left, right) => {
      const count = left.count + right.count
      if (count === 0) return left
      const delta = right.mean - left.mean
      const squares = left.squares + right.squares + (delta * delta * left.count * right.count) / count
      return { count, mean: left.mean + (delta * right.count) / count, squares }
    },
  }
}

export type Aggregators<V> = Readonly<Record<string, Aggregator<V, any, any>>>
export type ResultOf<A> = { readonly [F in keyof A]: A[F] extends Aggregator<any, any, infer R> ? R : never }

/** The parts of an aggregation that a stateful step needs, made of named aggregators. The state is an array, one place a figure. */
export function combine<V, A extends Aggregators<V>>(aggregators: A) {
  const names = Object.keys(aggregators)
  const parts = Object.values(aggregators)
  return {
    initial: (): unknown[] => parts.map(part => part.initial),
    add: (state: unknown[], value: V): unknown[] => {
      const next = new Array(parts.length)
      for (let i = 0; i < parts.length; i++) next[i] = parts[i]!.add(state[i], value)
      return next
    },
    merge: (_key: unknown, left: unknown[], right: unknown[]): unknown[] =>
      parts.map((part, i) => part.merge(left[i], right[i])),
    result: (state: unknown[]): ResultOf<A> => {
      const result: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) result[names[i]!] = parts[i]!.result(state[i])
      return result as ResultOf<A>
    },
  }
}
