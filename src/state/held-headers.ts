import type { Headers } from '../record'

/** Headers of a record that waits in a store, as its changelog keeps them: base64 by name. */
export type HeldHeaders = Readonly<Record<string, string>>

export function heldHeaders(headers: Headers): HeldHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString('base64')]))
}

export function headersOf(held: HeldHeaders): Headers {
  return Object.fromEntries(Object.entries(held).map(([name, value]) => [name, Buffer.from(value, 'base64')]))
}
