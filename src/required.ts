// What can only be missing by a fault of weir: it is reported at once and by name, not later as a property of undefined.

/** A value that has to be there by now. Throws Error where it isn't; `what` names it in the message. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a fault of weir: ${what} is missing`)
  return value
}

/** What a map holds under a key. Throws Error where it holds nothing. */
export function entryOf<K, V>(map: { get(key: K): V | undefined }, key: K): V {
  const entry = map.get(key)
  if (entry === undefined) throw new Error(`a fault of weir: there is nothing under ${String(key)}`)
  return entry
}

/** The item of a list at an index. Throws Error where the list has none. */
export function itemAt<T>(list: ArrayLike<T>, index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error(`a fault of weir: a list of ${list.length} has no item ${index}`)
  return item
}
