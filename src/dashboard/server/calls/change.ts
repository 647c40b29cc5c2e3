import { ProblemError } from '../problems'
import type { Reach } from '../reach'

/** A change that has to be confirmed by the name of what it changes. */
export interface Change<T> {
  /** The kind of thing that is changed, for people: `topic`. */
  readonly what: string
  readonly name: string
  /** The name as its user typed it; undefined only asks what would be done. */
  readonly confirm: string | undefined
  readonly plan: () => Promise<T> | T
  readonly execute: () => Promise<T> | T
}

/** Says what would be done, or does it. Throws ProblemError: read-only, not-confirmed. */
export async function change<T extends object>(
  { allowWrites }: Pick<Reach, 'allowWrites'>,
  { what, name, confirm, plan, execute }: Change<T>,
): Promise<T & { readonly done: boolean }> {
  if (confirm === undefined) return { ...(await plan()), done: false }
  if (!allowWrites)
    throw new ProblemError('read-only', 'This dashboard is read-only: nothing was changed.', {
      where: what,
      todo: 'Start it with --allow-writes.',
    })
  if (confirm !== name)
    throw new ProblemError('not-confirmed', `The ${what} is called ${JSON.stringify(name)}: nothing was changed.`, {
      where: 'body.confirm',
      todo: `Give the name of the ${what} as "confirm".`,
    })
  return { ...(await execute()), done: true }
}
