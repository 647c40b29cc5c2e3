import { itemAt } from './required'

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(itemAt(last, j) + 1, itemAt(row, j - 1) + 1, itemAt(last, j - 1) + (same ? 0 : 1))
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) cost = Math.min(cost, itemAt(before, j - 2) + 1)
      row.push(cost)
    }
    before = last
    last = row
  }
  return itemAt(last, b.length)
}

/** The name that was probably meant: at most a third of its letters differ, or one contains the other. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const each of names) {
    const candidate = each.toLowerCase()
    const contained = wanted.length > 2 && (candidate.includes(wanted) || wanted.includes(candidate))
    const distance = editDistance(wanted, candidate)
    const near = distance <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))
    if ((near || contained) && distance < bestDistance) {
      best = each
      bestDistance = distance
    }
  }
  return best
}
