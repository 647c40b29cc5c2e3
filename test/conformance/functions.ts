import { isDeepStrictEqual } from 'node:util'
import type { FunctionSpec } from './case'

/** A number of anything: itself, a length, a field `n`, else 0. */
export function num(value: any): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null && typeof value.n === 'number') return value.n
  return 0
}

const int = (value: unknown) => Math.trunc(num(value))
const mod = (i: number, n: number) => ((i % n) + n) % n
const words = (value: unknown) => (typeof value === 'string' ? value.split(' ').filter(word => word !== '') : [])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Deep equality of JSON values; -0 is 0. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a)
    return names.length === Object.keys(b).length && names.every(name => name in b && sameJson(a[name], b[name]))
  }
  return isDeepStrictEqual(a, b)
}

/** A key as outputs show it: windowed keys are flat objects. */
export function shownKey(key: any): unknown {
  if (!isObject(key) || !isObject(key.window)) return key ?? null
  return { key: key.key, windowStart: key.window.start, windowEnd: key.window.end }
}

type Library<F> = Record<string, (spec: FunctionSpec) => F>

function pick<F>(kind: string, library: Library<F>, spec: FunctionSpec): F {
  const make = library[spec.fn]
  if (make === undefined) throw new Error(`${kind} "${spec.fn}" is not in the library`)
  return make(spec)
}

type OfRecord<R> = (value: any, key: any) => R

const predicates: Library<OfRecord<boolean>> = {
  valueGreaterThan:
    ({ x }) =>
    value =>
      num(value) > x,
  valueLessThan:
    ({ x }) =>
    value =>
      num(value) < x,
  valueModEquals:
    ({ n, r }) =>
    value =>
      mod(int(value), n) === r,
  keyIn:
    ({ keys }) =>
    (_value, key) =>
      key !== null && keys.includes(key),
  keyNotNull: () => (_value, key) => key !== null,
  valueNotNull: () => value => value !== null,
}
export const predicate = (spec: FunctionSpec) => pick('predicate', predicates, spec)

const valueMappers: Library<OfRecord<any>> = {
  identity: () => value => value,
  addToValue:
    ({ x }) =>
    value =>
      num(value) + x,
  multiplyValue:
    ({ x }) =>
    value =>
      num(value) * x,
  toUpper: () => value => (typeof value === 'string' ? value.replace(/[a-z]/g, letter => letter.toUpperCase()) : value),
  nullIfGreaterThan:
    ({ x }) =>
    value =>
      num(value) > x ? null : value,
  wrapValue: () => value => ({ v: value }),
  withKey: () => (value, key) => ({ k: shownKey(key), v: value }),
  constant:
    ({ value: constant }) =>
    () =>
      constant,
}
export const valueMapper = (spec: FunctionSpec) => pick('value mapper', valueMappers, spec)

const keyMappers: Library<OfRecord<any>> = {
  sameKey: () => (_value, key) => key,
  keyFromValueMod:
    ({ n }) =>
    value =>
      `m${mod(int(value), n)}`,
  keyFromField:
    ({ field }) =>
    value =>
      isObject(value) && typeof value[field] === 'string' ? value[field] : null,
  keyFromValue: () => value => (typeof value === 'string' ? value : null),
  firstChar: () => (_value, key) =>
    key === null ? null : String.fromCodePoint(...[...key].slice(0, 1).map(codePoint)),
  appendToKey:
    ({ suffix }) =>
    (_value, key) =>
      key === null ? null : key + suffix,
  constantKey:
    ({ key: constant }) =>
    () =>
      constant,
  nullKeyIfGreaterThan:
    ({ x }) =>
    (value, key) =>
      num(value) > x ? null : key,
  windowedKeyToString:
    () =>
    (_value, { key, window }) =>
      `${key}@${window.start}/${window.end}`,
  windowedKeyToKey:
    () =>
    (_value, { key }) =>
      key,
}
const codePoint = (char: string) => char.codePointAt(0)!
export const keyMapper = (spec: FunctionSpec) => pick('key mapper', keyMappers, spec)

const flatMappers: Library<OfRecord<[any, any][]>> = {
  splitWordsToKeys: () => value => words(value).map(word => [word, 1]),
  explode:
    ({ n }) =>
    (value, key) =>
      Array.from({ length: n }, (_, i) => [key === null ? null : `${key}${i}`, num(value) + i]),
  duplicateIfEven: () => (value, key) =>
    mod(int(value), 2) === 0
      ? [
          [key, value],
          [key, value],
        ]
      : [],
}
export const flatMapper = (spec: FunctionSpec) => pick('flat mapper', flatMappers, spec)

const flatValueMappers: Library<OfRecord<any[]>> = {
  splitWords: () => words,
  repeat:
    ({ n }) =>
    value =>
      Array.from({ length: n }, () => value),
  countUp: () => value => Array.from({ length: mod(int(value), 4) }, (_, i) => num(value) + i),
  variants:
    ({ fks }) =>
    value =>
      isObject(value) ? [value, ...fks.map((fk: string, i: number) => ({ fk, n: num(value) + i + 1 }))] : [value],
}
export const flatValueMapper = (spec: FunctionSpec) => pick('flat value mapper', flatValueMappers, spec)

const nullIfZero = (value: number) => (value === 0 ? null : value)

const reducers: Library<(a: any, b: any) => any> = {
  sum: () => (a, b) => num(a) + num(b),
  subtract: () => (a, b) => num(a) - num(b),
  max: () => (a, b) => (num(b) > num(a) ? b : a),
  min: () => (a, b) => (num(b) < num(a) ? b : a),
  first: () => a => a,
  last: () => (_a, b) => b,
  sumNullIfZero: () => (a, b) => nullIfZero(num(a) + num(b)),
  append:
    ({ max }) =>
    (a, b) =>
      [...(Array.isArray(a) ? a : []), b].slice(-max),
}
export const reducer = (spec: FunctionSpec) => pick('reducer', reducers, spec)

export interface Aggregation {
  readonly initial: () => any
  readonly add: (aggregate: any, value: any) => any
  readonly subtract: (aggregate: any, value: any) => any
  readonly merge: (key: any, left: any, right: any) => any
}

const averaged = (sum: number, count: number) => ({ sum, count, avg: count === 0 ? 0 : sum / count })

const aggregations: Library<Aggregation> = {
  list: ({ max }) => ({
    initial: () => [],
    add: (list, value) => [...list, value].slice(-max),
    subtract: (list, value) => {
      const at = list.findIndex((item: unknown) => sameJson(item, value))
      return at < 0 ? list : [...list.slice(0, at), ...list.slice(at + 1)]
    },
    merge: (_key, left, right) => [...left, ...right].slice(-max),
  }),
  sumCountAvg: () => ({
    initial: () => averaged(0, 0),
    add: ({ sum, count }, value) => averaged(sum + num(value), count + 1),
    subtract: ({ sum, count }, value) => averaged(sum - num(value), count - 1),
    merge: (_key, left, right) => averaged(left.sum + right.sum, left.count + right.count),
  }),
  sum: () => ({
    initial: () => 0,
    add: (sum, value) => num(sum) + num(value),
    subtract: (sum, value) => num(sum) - num(value),
    merge: (_key, left, right) => num(left) + num(right),
  }),
  sumNullIfZero: () => ({
    initial: () => 0,
    add: (sum, value) => nullIfZero(num(sum) + num(value)),
    subtract: (sum, value) => nullIfZero(num(sum) - num(value)),
    merge: (_key, left, right) => num(left) + num(right),
  }),
}
export const aggregation = (spec: FunctionSpec) => pick('aggregate', aggregations, spec)

const joiners: Library<(left: any, right: any, key: any) => any> = {
  pair: () => (l, r) => ({ l, r }),
  pairWithKey: () => (l, r, k) => ({ k: shownKey(k), l, r }),
  sum: () => (left, right) => num(left) + num(right),
}
export const joiner = (spec: FunctionSpec) => pick('joiner', joiners, spec)
