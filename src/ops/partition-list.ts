import { UsageError } from './errors'

/** Partition numbers of a text, `3` or `0,2,5-7`, each once. Throws UsageError. */
export function partitionList(text: string): number[] {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (match === null) throw new UsageError(`partitions are written 3 or 0,2,5-7, not "${text}"`)
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])]
    if (to < from || to > 100_000) throw new UsageError(`"${part}" is no range of partitions`)
    for (let partition = from; partition <= to; partition++) found.add(partition)
  }
  return [...found]
}
