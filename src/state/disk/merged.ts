/** Two ascending sequences as one, each key once. */
export function* merged(fresh: Iterator<string>, kept: Iterable<string>): Generator<string> {
  let next = fresh.next()
  for (const key of kept) {
    for (; !next.done && next.value < key; next = fresh.next()) yield next.value
    if (!next.done && next.value === key) next = fresh.next()
    yield key
  }
  for (; !next.done; next = fresh.next()) yield next.value
}
