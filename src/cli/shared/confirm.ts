import { RefusedError } from '../../ops/errors'
import type { VerbOption } from './verb'

export interface Confirmed {
  readonly yes?: boolean
  readonly execute?: boolean
}

/** Both words are taken, so that nobody has to remember which verb wants which. */
export const CONFIRM: readonly VerbOption[] = [
  { flags: '--yes', about: 'really do it' },
  { flags: '--execute', about: 'the same' },
]

export const isConfirmed = ({ yes, execute }: Confirmed): boolean => yes === true || execute === true

/** Throws RefusedError, saying what would happen, unless the user said --yes. */
export function requireYes(options: Confirmed, what: string): void {
  if (!isConfirmed(options)) throw new RefusedError(`this would ${what}; nothing was done, add --yes to do it`)
}
