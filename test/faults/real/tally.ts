import type { Kind } from './kinds/kind'

/** What became of one round. */
export interface RoundResult {
  readonly id: string
  readonly recoveryMs: number
  readonly readings: number
  readonly windows: number
  readonly kills: number
  readonly repeated: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly wrong: readonly string[]
}

const isBad = ({ lost, doubled, wrong }: RoundResult) => lost.length + doubled.length + wrong.length > 0

/** The rounds of a run. */
export class Tally {
  readonly rounds: RoundResult[] = []

  add(result: RoundResult): void {
    this.rounds.push(result)
  }

  get bad(): number {
    return this.rounds.filter(isBad).length
  }

  inWords(): string {
    return [
      `${this.rounds.length} rounds, ${this.sum('kills')} SIGKILLs of workers`,
      `${this.sum('readings')} readings and ${this.sum('windows')} windows compared`,
      `${this.sum('repeated')} messages repeated at MQTT`,
    ].join(', ')
  }

  private sum(of: 'readings' | 'windows' | 'kills' | 'repeated'): number {
    return this.rounds.reduce((sum, round) => sum + round[of], 0)
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
