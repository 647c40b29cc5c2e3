import { ConfigError, TopologyError, UnfitError } from '../../errors'
import { CheckFailedError, NotFoundError, RefusedError, UsageError } from '../../ops/errors'
import { howToStart } from '../../stack/how-to-start'

/** 0 done, 1 failure, 2 usage (a wrong topology or setting too), 3 not found, 4 refused, 5 a check failed. */
export function exitCode(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof TopologyError) return 2
  if (error instanceof NotFoundError) return 3
  if (error instanceof RefusedError) return 4
  if (error instanceof CheckFailedError) return 5
  // The local stack is a package of its own, with errors of its own.
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1
}

/** One line for the user: the message, and the system's reason where the message hides it. */
export function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return `${error}`
  // It says by itself what is to be done.
  if (error instanceof UnfitError) return error.message.replace(/\s*\n\s*/g, ' ')
  const reasons = [error.message]
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!reasons.some(known => known.includes((cause as Error).message))) reasons.push(cause.message)
  }
  const said = reasons
    .slice(0, 2)
    .join(': ')
    .replace('?: ', '? ')
    .replace(/\s*\n\s*/g, ' ')
  const start = howToStart(error)
  return start === undefined || said.includes(start) ? said : `${said}; to start it here: ${start}`
}
