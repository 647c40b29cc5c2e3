/** Where a bad record stood in the source, or, of a letter that doesn't say so, the letter itself. */
export interface Origin {
  readonly partition: number
  readonly offset: number
}

export const originName = ({ partition, offset }: Origin) => `partition ${partition} offset ${offset}`

/** What a dead letter says of its record; undefined where it names none of `topic`. */
export function originOf(
  headers: Readonly<Record<string, Buffer | null | undefined>> | undefined,
  topic: string,
): Origin | undefined {
  const text = (name: string) => headers?.[`weir.origin.${name}`]?.toString('utf8') ?? ''
  const [partition, offset] = ['partition', 'offset'].map(name => (text(name) === '' ? Number.NaN : Number(text(name))))
  const isWhole = Number.isSafeInteger(partition) && Number.isSafeInteger(offset)
  return text('topic') === topic && isWhole ? { partition: partition!, offset: offset! } : undefined
}

/** The bad records of the log against the dead letters, each by its place: a good one put aside doesn't stand for a bad one that is lost. */
export class LettersCheck {
  private readonly seen = new Set<string>()
  /** Found, and beyond what was read of the log: the next look has to find their records bad. */
  private ahead: Origin[] = []

  /**
   * `bad`: records of the stretches that the log was read in, which now ends at `ends` by partition. `found`: the letters that have come since,
   * undefined for one that names no record. `isEnd`: nothing may be left over.
   */
  round(
    bad: readonly Origin[],
    found: readonly (Origin | undefined)[],
    ends: readonly number[],
    isEnd: boolean,
  ): string[] {
    const faults: string[] = []
    const add = (kind: string, names: readonly string[]) => {
      if (names.length > 0) faults.push(`dead letters: ${names.length} ${kind}, as ${names[0]}`)
    }
    const fresh = found.filter(each => each !== undefined)
    add('extra that name no record', new Array<string>(found.length - fresh.length).fill('one of them'))
    const twice: string[] = []
    for (const origin of fresh) {
      const name = originName(origin)
      if (this.seen.has(name)) twice.push(name)
      else this.ahead.push(origin)
      this.seen.add(name)
    }
    add('twice', twice)
    const names = new Set(bad.map(originName))
    add(
      'missing',
      [...names].filter(name => !this.seen.has(name)),
    )
    const rest = this.ahead.filter(origin => !names.has(originName(origin)))
    const isOver = ({ partition, offset }: Origin) => isEnd || offset < (ends[partition] ?? Number.POSITIVE_INFINITY)
    add('extra, of records that are good', rest.filter(isOver).map(originName))
    this.ahead = rest.filter(origin => !isOver(origin))
    return faults
  }
}
