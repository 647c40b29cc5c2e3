import type { ContentError, Position } from '../../errors'
import { itemAt } from '../../required'
import type { LeftOut, Share, Verdicts } from '../task/verdicts'
import { RefusedOutputs } from './refused-outputs'

/** A task with records or results in a refused commit. */
interface Suspect {
  /** Suspects of one group commit together: which of them is to blame isn't known yet. */
  group: number
  /** The most records that it may have in one commit. */
  limit: number
  /** How many records of the refused commit it has yet to commit. */
  left: number
  readonly refused: Map<string, ContentError>
  /** Index in `trials`: what its next commit leaves out. */
  trial: number
  /** What the end has said last. */
  error: ContentError | undefined
  /** How often the end has named records of it since it last took one of its commits. */
  named: number
  /** The first `look` since its last commit or refusal, monotonic ms; undefined before it. */
  silentSinceMs: number | undefined
}

/** After so many commits in a row for which Kafka named records, the search goes by commits instead. */
const mostNamed = 10
/** A suspect that has had nothing to commit for so long is cleared, ms: the refused record or result seems not to come again. */
const longestSilenceMs = 30_000

/**
 * What a commit can hold beside its only record. Each is left out in turn: if the end then takes the commit, what was left out was to blame.
 * The record is blamed last, lest its dead letter tells of a fault that it doesn't have.
 */
const trials: readonly (readonly (keyof LeftOut)[])[] = [
  [],
  ['retained'],
  ['results'],
  ['letters'],
  ['results', 'letters'],
]

const keyOf = ({ topic, partition, offset }: Position) => `${topic}/${partition}/${offset}`

/**
 * The search for what an end refuses. A commit that was refused for its content is rolled back and made again in parts: first the
 * tasks by halves, then the records of the one task by halves, until a record stands alone. It becomes a dead letter, with the end's own
 * words, in the commit of those that come with it; whatever else was in the refused commit is committed on the way. Tasks without a share
 * in it go on as always. This class only keeps account: it holds no record and calls nobody. A search that a crash or a rebalance cuts short
 * begins again with the next refusal.
 *
 *     refused with 4 tasks:  [a b] [c d]     who isn't suspected commits first, then each group by itself
 *     [c d] refused:         [c] [d]
 *     [d] refused, 8 records: 4 at a time, 2, 1: the record that is refused alone is the one
 *
 * Only a commit of the search can prove whom to blame: any other may hold rows that were written ahead for the next commit.
 */
export class Quarantine {
  private readonly suspects = new Map<string, Suspect>()
  private readonly outputs = new RefusedOutputs()
  private groups = 0
  /** Commits in a row that were refused for records that Kafka has named. */
  private named = 0

  /** Whether a search is under way. Then commits are made by groups, and nothing is written to an end ahead of its own commit. */
  get isSearching(): boolean {
    return this.suspects.size > 0
  }

  isSuspect(task: string): boolean {
    return this.suspects.has(task)
  }

  /** The most records that a task may have in one commit. */
  limitOf(task: string): number {
    return this.suspects.get(task)?.limit ?? Number.POSITIVE_INFINITY
  }

  /** Whether a search has something to commit: it doesn't wait for the interval. */
  isReady(slots: Iterable<{ readonly task: { readonly id: string; readonly isDirty: boolean } }>): boolean {
    if (!this.isSearching) return false
    for (const { task } of slots) if (task.isDirty && this.isSuspect(task.id)) return true
    return false
  }

  /** Which tasks commit together, in the order of the commits: those that aren't suspected, then each group of suspects. */
  partsOf<T extends { readonly id: string }>(tasks: readonly T[]): T[][] {
    const parts = new Map<number, T[]>([[0, []]])
    for (const task of tasks) {
      const group = this.suspects.get(task.id)?.group ?? 0
      const part = parts.get(group)
      if (part === undefined) parts.set(group, [task])
      else part.push(task)
    }
    return [...parts].sort(([a], [b]) => a - b).flatMap(([, part]) => (part.length > 0 ? [part] : []))
  }

  /** What a task has to leave out; undefined where there is nothing. */
  verdictsOf(task: string): Verdicts | undefined {
    const suspect = this.suspects.get(task)
    if (suspect === undefined) return undefined
    const { refused, trial, error } = suspect
    const leftOut = Object.fromEntries(itemAt(trials, trial).map(what => [what, error]))
    return {
      refusalOf: at => refused.get(keyOf(at)),
      refusedOutput: (topic, record) => this.outputs.refusalOf(topic, record),
      leftOut,
    }
  }

  /** A commit of these shares was refused. Returns false where nothing is left that could be to blame. */
  refuse(shares: readonly Share[], error: ContentError): boolean {
    const [only] = shares
    if (only === undefined) return false
    if (this.outputs.add(error) && this.nameOutputs(shares)) return true
    if (error.position !== undefined && this.convictAt(shares, error)) return true
    if (shares.length === 1) return this.narrow(only, error)
    const half = Math.ceil(shares.length / 2)
    for (const part of [shares.slice(0, half), shares.slice(half)]) {
      const group = ++this.groups
      for (const { task, records } of part) {
        const suspect = this.suspect(task)
        suspect.group = group
        this.bound(suspect, records, records)
      }
    }
    return true
  }

  /** A commit of these shares was made. */
  pass(shares: readonly Share[]): void {
    this.named = 0
    for (const { task, records } of shares) {
      const suspect = this.suspects.get(task)
      if (suspect === undefined) continue
      suspect.left -= Math.max(1, records)
      suspect.trial = suspect.named = 0
      suspect.silentSinceMs = undefined
      // What is refused seldom comes alone: the next commit is larger, but not at once as large as it was.
      if (suspect.left > 0) suspect.limit = Math.max(1, Math.min(suspect.limit * 2, suspect.left))
      else this.clear(task)
    }
  }

  /** An attempt has failed for another reason than content, so that it has proven nothing: the trials begin anew. */
  interrupt(): void {
    for (const suspect of this.suspects.values()) {
      suspect.trial = 0
      suspect.silentSinceMs = undefined
    }
  }

  /**
   * Clears suspects that have had nothing to commit for long: their records may be deleted, their results may not come again. If they do
   * come, they are refused again. `nowMs`: monotonic.
   */
  look(nowMs: number): void {
    for (const [task, suspect] of this.suspects) {
      suspect.silentSinceMs ??= nowMs
      if (nowMs - suspect.silentSinceMs >= longestSilenceMs) this.clear(task)
    }
  }

  /**
   * Kafka has named the records that it doesn't take: when they are gathered again, each is the fault of the record or result that it came of.
   * Returns false where that has not helped for long: the results differ each time.
   */
  private nameOutputs(shares: readonly Share[]): boolean {
    if (++this.named > mostNamed) return false
    const group = ++this.groups
    for (const { task, records } of shares) {
      const suspect = this.suspect(task)
      suspect.group = group
      this.bound(suspect, this.named === 1 ? records : Math.ceil(records / 2), records)
    }
    return true
  }

  /** The end has named the source records that it refuses. Returns false where it had named all of them before. */
  private convictAt(shares: readonly Share[], error: ContentError): boolean {
    const named = [error, ...error.others].flatMap(each =>
      each.position === undefined ? [] : [[keyOf(each.position), each] as const],
    )
    const isKnown = (key: string) => shares.some(({ task }) => this.suspects.get(task)?.refused.has(key))
    // The commit was refused without them, too: something else is to blame.
    if (named.every(([key]) => isKnown(key))) return false
    for (const { task, records } of shares) {
      const suspect = this.suspect(task)
      if (suspect.group === 0) suspect.group = ++this.groups
      // An end that names one record at a time costs a whole commit for each: hence shorter commits.
      this.bound(suspect, suspect.named++ === 0 ? records : Math.ceil(records / 2), records)
      for (const [key, each] of named) suspect.refused.set(key, each)
    }
    return true
  }

  /** One task is to blame: half of its records are tried at a time, then what else is in the commit, then the record itself. */
  private narrow(share: Share, error: ContentError): boolean {
    const { task, records, last } = share
    const isSearched = this.suspects.has(task)
    const suspect = this.suspect(task)
    suspect.group = ++this.groups
    suspect.error = error
    this.bound(suspect, Math.ceil(records / 2), records)
    if (records > 1 || !isSearched) return true
    const next = trials.findIndex((trial, i) => i > suspect.trial && trial.some(what => share[what] > 0))
    suspect.trial = Math.max(0, next)
    if (next > 0) return true
    if (last === undefined || suspect.refused.has(keyOf(last))) return false
    suspect.refused.set(keyOf(last), error)
    return true
  }

  private suspect(task: string): Suspect {
    const known = this.suspects.get(task)
    if (known !== undefined) {
      known.silentSinceMs = undefined
      return known
    }
    const suspect: Suspect = {
      ...{ group: 0, limit: 0, left: 0, refused: new Map(), trial: 0, error: undefined },
      ...{ named: 0, silentSinceMs: undefined },
    }
    this.suspects.set(task, suspect)
    return suspect
  }

  /** With the last suspect the search is over: the next one knows nothing of it. */
  private clear(task: string): void {
    this.suspects.delete(task)
    if (this.suspects.size > 0) return
    this.named = 0
    this.outputs.clear()
  }

  private bound(suspect: Suspect, limit: number, left: number): void {
    suspect.limit = Math.max(1, limit)
    suspect.left = Math.max(suspect.left, left, 1)
  }
}
