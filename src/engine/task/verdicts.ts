import type { ContentError, Position, RefusedOutput } from '../../errors'

/** What the next commit leaves out besides records, each with the end's own words. */
export interface LeftOut {
  /** Results that no single record has caused become dead letters. */
  readonly results?: ContentError | undefined
  /** Dead letters aren't written: they were refused themselves. */
  readonly letters?: ContentError | undefined
  /** Retained values that an end has lost aren't written again. */
  readonly retained?: ContentError | undefined
}

/** A record for a topic. What a changelog is given has a time that isn't known before the commit. */
export type JudgedOutput = Pick<RefusedOutput['record'], 'key' | 'value'> & { readonly timestamp?: number }

/** What ends have refused of a task's work, so that it isn't handed to them again. */
export interface Verdicts {
  /** Why a record may not be processed again: it becomes a dead letter instead. */
  refusalOf(at: Position): ContentError | undefined
  /** Why a topic doesn't take a record; undefined where nothing is known against it. */
  refusedOutput(topic: string, record: JudgedOutput): ContentError | undefined
  readonly leftOut: LeftOut
}

/** Something that was left out for good once the commit is made. */
export interface Dropped {
  /** The topic of a dead letter; undefined for retained values. */
  readonly topic?: string
  /** What, why, and what to do. */
  readonly line: string
}

/** What a task had in one commit. */
export interface Share {
  readonly task: string
  /** Records that were processed. */
  readonly records: number
  /** The last of them. */
  readonly last: Position | undefined
  /** Results that no single record has caused: of closed windows, punctuators. */
  readonly results: number
  readonly letters: number
  /** Retained values that were written again. */
  readonly retained: number
  readonly dropped: readonly Dropped[]
}

/** The shares of several commits as of one; tasks that wrote nothing have none. */
export function together(shares: readonly Share[]): Share[] {
  const byTask = new Map<string, Share>()
  for (const share of shares) {
    const { task, records, last, results, letters, retained, dropped } = share
    if (records + results + letters + retained === 0) continue
    const before = byTask.get(task)
    if (before === undefined) byTask.set(task, share)
    else
      byTask.set(task, {
        ...{ task, records: before.records + records, last: last ?? before.last, results: before.results + results },
        ...{ letters: before.letters + letters, retained: before.retained + retained },
        dropped: [...before.dropped, ...dropped],
      })
  }
  return [...byTask.values()]
}
