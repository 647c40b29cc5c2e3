import { headersFrom, listOf } from '../header-lists'
import type { Headers } from '../record'

/** In their order, where names are repeated, values are null or a name is no UTF-8: then it is an array of its base64. */
type HeldList = readonly (readonly [name: string | readonly [string], value: string | null])[]

/** Headers of a record that waits in a store, as its changelog keeps them: base64 by name, or a list. */
export type HeldHeaders = Readonly<Record<string, string>> | HeldList

const base64 = (bytes: Buffer) => bytes.toString('base64')
const bytesOf = (text: string) => Buffer.from(text, 'base64')

export function heldHeaders(headers: Headers): HeldHeaders {
  const list = listOf(headers)
  if (list === undefined)
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, base64(value)]))
  return list.map(([name, value]): HeldList[number] => [
    typeof name === 'string' ? name : [base64(name)],
    value && base64(value),
  ])
}

export function headersOf(held: HeldHeaders): Headers {
  const list: HeldList = isList(held) ? held : Object.entries(held)
  return headersFrom(
    list.map(([name, value]) => [
      typeof name === 'string' ? name : bytesOf(name[0]),
      value === null ? null : bytesOf(value),
    ]),
  )
}

const isList = (held: HeldHeaders): held is HeldList => Array.isArray(held)
