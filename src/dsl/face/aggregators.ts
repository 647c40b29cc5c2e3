/**
 * One named figure of an aggregation. Its state is a run of places in an array that all figures of the aggregation share, so that a
 * record costs one copy of numbers: `add` and `merge` change that fresh copy, `at` is where the figure's places begin.
 */
export interface Aggregator<V, R> {
  /** What tells its state from other figures'; absent: its first values. */
  readonly kind?: string
  /** The places' first values. */
  readonly initial: readonly unknown[]
  add(state: any[], at: number, value: V): void
  result(state: readonly any[], at: number): R
  /** Joins the state of a second session, which is the later one, to the first. */
  merge(state: any[], at: number, later: readonly any[]): void
}

type Numeric<V> = { [F in keyof V]: V[F] extends number ? F : never }[keyof V] & string

/** How an aggregator gets its number: the name of a numeric field, or a function. */
export type Selector<V> = Numeric<V> | ((value: V) => number)

function select<V>(selector: Selector<V>): (value: V) => number {
  // A property by a constant name is several times faster than one by a variable.
  return typeof selector === 'function'
    ? selector
    : (new Function('value', `return value[${JSON.stringify(selector)}]`) as (value: V) => number)
}

/** Number of records. */
export function count<V>(): Aggregator<V, number> {
  return {
    kind: 'count',
    initial: [0],
    add: (state, at) => void state[at]++,
    result: (state, at) => state[at],
    merge: (state, at, later) => void (state[at] += later[at]),
  }
}

/** Sum of doubles, added left to right in processing order. */
export function sum<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  return {
    kind: 'sum',
    initial: [0],
    add: (state, at, value) => void (state[at] += of(value)),
    result: (state, at) => state[at],
    merge: (state, at, later) => void (state[at] += later[at]),
  }
}

/** Smallest number; Infinity before the first. */
export function min<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  const least = (state: any[], at: number, number: number) => {
    if (number < state[at]) state[at] = number
  }
  return {
    kind: 'min',
    initial: [Number.POSITIVE_INFINITY],
    add: (state, at, value) => least(state, at, of(value)),
    result: (state, at) => state[at],
    merge: (state, at, later) => least(state, at, later[at]),
  }
}

/** Largest number; -Infinity before the first. */
export function max<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  const most = (state: any[], at: number, number: number) => {
    if (number > state[at]) state[at] = number
  }
  return {
    kind: 'max',
    initial: [Number.NEGATIVE_INFINITY],
    add: (state, at, value) => most(state, at, of(value)),
    result: (state, at) => state[at],
    merge: (state, at, later) => most(state, at, later[at]),
  }
}

/** Arithmetic mean: sum / count, the sum added left to right. */
export function mean<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  return {
    kind: 'mean',
    initial: [0, 0],
    add: (state, at, value) => {
      state[at] += of(value)
      state[at + 1]++
    },
    result: (state, at) => state[at] / state[at + 1],
    merge: (state, at, later) => {
      state[at] += later[at]
      state[at + 1] += later[at + 1]
    },
  }
}

/** What the first record gave. */
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

/** What the last record gave, in processing order. */
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

/** Sample standard deviation (n - 1), by Welford's method; 0 for one record. */
export function stddev<V>(selector: Selector<V>): Aggregator<V, number> {
  const of = select(selector)
  return {
    kind: 'stddev',
    initial: [0, 0, 0],
    add: (state, at, value) => {
      const number = of(value)
      const delta = number - state[at + 1]
      state[at + 1] += delta / ++state[at]
      state[at + 2] += delta * (number - state[at + 1])
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
    },
  }
}

export type Aggregators<V> = Readonly<Record<string, Aggregator<V, any>>>
export type ResultOf<A> = { readonly [F in keyof A]: A[F] extends Aggregator<any, infer R> ? R : never }
