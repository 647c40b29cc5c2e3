import type { Kind } from './kinds/kind'

/** What became of one round. */
export interface RoundResult {
  readonly id: string
  readonly recoveryMs: number
  /** The most memory of a worker so far, MB. */
  readonly peakMb: number
  readonly readings: number
  readonly windows: number
  readonly kills: number
  readonly repeated: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly wrong: readonly string[]
}

/** How much a look has held against the log. */
export type Compared = Pick<RoundResult, 'readings' | 'windows'>

const isBad = ({ lost, doubled, wrong }: RoundResult) => lost.length + doubled.length + wrong.length > 0

/** The rounds of a run. */
export class Tally {
  readonly rounds: RoundResult[] = []
  /** What is wrong at the end, when nothing moves any more. */
  readonly atEnd: string[] = []
  private last = { readings: 0, windows: 0 }

  /** A round that has compared nothing has shown nothing: that is wrong, too. @returns the round as it counts */
  add(result: RoundResult): RoundResult {
    const isEmpty = result.readings === 0
    const judged = isEmpty ? { ...result, wrong: [...result.wrong, 'no reading was compared'] } : result
    this.rounds.push(judged)
    return judged
  }

  /** The last look, after all rounds. */
  end({ readings, windows }: Compared, faults: readonly string[]): void {
    this.last = { readings, windows }
    this.atEnd.push(...faults)
    if (this.rounds.length === 0) this.atEnd.push('there was no round')
    if (this.sum('windows') === 0) this.atEnd.push('no window was compared in the whole run')
  }

  get bad(): number {
    return this.rounds.filter(isBad).length
  }

  /** Rounds that are wrong, and one for the end if it is. */
  get failed(): number {
    return this.bad + (this.atEnd.length > 0 ? 1 : 0)
  }

  inWords(): string {
    return [
      `${this.rounds.length} rounds, ${this.sum('kills')} SIGKILLs of workers`,
      `${this.sum('readings')} readings and ${this.sum('windows')} windows compared`,
      `${this.sum('repeated')} messages repeated at MQTT`,
      `a worker had ${Math.max(0, ...this.rounds.map(({ peakMb }) => peakMb))} MB at most`,
    ].join(', ')
  }

  private sum(of: 'readings' | 'windows' | 'kills' | 'repeated'): number {
    const last = of === 'readings' || of === 'windows' ? this.last[of] : 0
    return this.rounds.reduce((sum, round) => sum + round[of], last)
  }

  /** A row for each kind of fault that was struck. */
  table(kinds: readonly Kind[]): string[] {
    const rows = kinds.flatMap(({ id, title }) => {
      const rounds = this.rounds.filter(each => each.id === id)
      if (rounds.length === 0) return []
      const times = rounds.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b)
      const of = (kind: 'lost' | 'doubled' | 'wrong') => rounds.filter(each => each[kind].length > 0).length
      const verdict = rounds.some(isBad) ? 'WRONG' : 'right'
      const [p50, most] = [times[times.length >> 1] ?? 0, times.at(-1) ?? 0].map(ms => (ms / 1000).toFixed(1))
      return [
        `| ${id} | ${title} | ${rounds.length} | ${p50} | ${most} | ${of('lost')} | ${of('doubled')} | ${verdict} |`,
      ]
    })
    const head = '| | fault | rounds | recovery p50, s | most, s | lost | doubled | verdict |'
    return [head, '|---|---|---|---|---|---|---|---|', ...rows]
  }
}
