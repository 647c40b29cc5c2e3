import { UnavailableError } from '../../errors'
import type { Log } from '../../log'
import { maintain } from './migrate'
import type { PostgresTarget } from './postgres-target'

const retryMs = 60_000

export interface MaintainerOptions {
  readonly databaseUrl: string
  readonly targets: readonly PostgresTarget[]
  readonly log: Log
  /** Default: an hour. */
  readonly everyMs?: number
}

export interface Maintainer {
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>
}

/** Keeps the partitions: now and every hour. A failure is a warning, as there are days of partitions ahead. */
export function startMaintainer({ databaseUrl, targets, log, everyMs = 3_600_000 }: MaintainerOptions): Maintainer {
  let underWay: Promise<void> = Promise.resolve()
  let soon: NodeJS.Timeout | undefined
  const run = async () => {
    try {
      for (const line of await maintain(databaseUrl, targets)) log.info(line)
    } catch (error) {
      const text = `the partitions of Postgres tables were not maintained, trying again: ${(error as Error).message}`
      // Who writes rows reports a server that is away.
      if (error instanceof UnavailableError) log.debug(text)
      else log.warn(text)
      soon = setTimeout(turn, retryMs).unref()
    }
  }
  const turn = () => {
    underWay = underWay.then(run)
  }
  turn()
  const timer = setInterval(turn, everyMs).unref()
  return {
    stop() {
      clearInterval(timer)
      clearTimeout(soon)
      return underWay
    },
  }
}
