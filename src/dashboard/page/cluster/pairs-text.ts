/** Names and values as they are typed, a pair a line. */
export interface PairsText {
  readonly pairs: readonly (readonly [name: string, value: string])[]
  /** The number of the first line that is none, from 1. */
  readonly wrongLine: number | undefined
}

/** `name: value` or `name=value`, a line each; empty lines count for nothing. The value may hold the separator again. */
export function pairsOf(text: string, separator: ':' | '='): PairsText {
  const pairs: (readonly [string, string])[] = []
  let wrongLine: number | undefined
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const cut = line.indexOf(separator)
    if (cut > 0) pairs.push([line.slice(0, cut).trim(), line.slice(cut + 1).trim()])
    else wrongLine ??= at + 1
  }
  return { pairs, wrongLine }
}
