import type { Log } from './log'

/** One service's absence, from the first failure until it has answered for a while. */
interface Outage {
  readonly sinceMs: number
  readonly reason: string
  /** How long the service has to answer before the outage is over, ms. */
  readonly settleMs: number
  /** Runs while the service answers again: a failure before it fires is the same outage. */
  settling: NodeJS.Timeout | undefined
  /** When the service first answered again, ms. */
  backAtMs: number
}

export interface OutagesOptions {
  readonly log: Log
  /** A service has to answer for so long before it counts as back, ms: one that comes and goes faster is one outage. */
  readonly settleMs?: number
  /** A monotonic clock, ms. */
  readonly now?: () => number
}

const usualSettleMs = 2_000
/**
 * A service that is lost again so soon after it was said to be back has to answer for so long the next time, ms: one that takes connections and
 * nothing else is found out by timeouts of half a minute, and each of its answers would be the end of an outage.
 */
const relapseMs = 60_000

/**
 * The one reporter of outages of a process. Whoever meets a failure of a service says `lost`, whoever gets an answer says
 * `back`, as often as they like: the log has one line when the service is lost, and one, with how long it was away, when it
 * is back for good. Callers keep no flags.
 *
 * @example
 * const outages = new Outages({ log })
 * outages.lost('Postgres', error) // warn: Postgres does not answer: connect ECONNREFUSED; waiting until it does
 * outages.back('Postgres') // two seconds later, info: Postgres answers again, after 14 s
 */
export class Outages {
  private readonly open = new Map<string, Outage>()
  /** When a service was last said to be back. */
  private readonly backAtMs = new Map<string, number>()
  private readonly settleMs: number
  private readonly now: () => number

  constructor(private readonly options: OutagesOptions) {
    this.settleMs = options.settleMs ?? usualSettleMs
    this.now = options.now ?? (() => performance.now())
  }

  /** `service` has failed. `error` says how; only the first one of an outage is logged as a warning. */
  lost(service: string, error: Error): void {
    const { log } = this.options
    const known = this.open.get(service)
    if (known !== undefined) {
      clearTimeout(known.settling)
      known.settling = undefined
      log.debug(`${service}: ${error.message}`)
      return
    }
    const reason = reasonOf(service, error.message)
    const isRelapse = this.now() - (this.backAtMs.get(service) ?? Number.NEGATIVE_INFINITY) < relapseMs
    const settleMs = isRelapse ? Math.max(relapseMs, this.settleMs) : this.settleMs
    this.open.set(service, { sinceMs: this.now(), reason, settleMs, settling: undefined, backAtMs: 0 })
    log.warn(`${reason}; waiting until it does`)
  }

  /** `service` has answered. Without an outage this costs one lookup. */
  back(service: string): void {
    const outage = this.open.get(service)
    if (outage === undefined || outage.settling !== undefined) return
    outage.backAtMs = this.now()
    outage.settling = setTimeout(() => {
      this.open.delete(service)
      this.backAtMs.set(service, this.now())
      this.options.log.info(`${service} answers again, after ${inSeconds(outage.backAtMs - outage.sinceMs)}`)
    }, outage.settleMs)
    // The last line of an outage is no reason to keep a process alive.
    outage.settling.unref()
  }

  /** The services that are away now, and since when (monotonic ms). */
  get current(): ReadonlyMap<string, number> {
    return new Map(this.away.map(({ service, forMs }) => [service, this.now() - forMs]))
  }

  /** The same with the first error's words, and for how long (ms). */
  get away(): readonly { readonly service: string; readonly forMs: number; readonly reason: string }[] {
    const now = this.now()
    return [...this.open].flatMap(([service, { sinceMs, reason, settling }]) =>
      settling ? [] : [{ service, forMs: now - sinceMs, reason }],
    )
  }

  /** Forgets all outages without a line: the process ends. */
  close(): void {
    for (const { settling } of this.open.values()) clearTimeout(settling)
    this.open.clear()
  }
}

/** That the service does not answer, and why. An error may begin with the service's name, and may say so itself. */
function reasonOf(service: string, message: string): string {
  if (!message.startsWith(service)) return `${service} does not answer: ${message}`
  if (message.includes('does not answer')) return message
  return `${service} does not answer: ${message.slice(service.length).replace(/^[: ]+/, '')}`
}

const inSeconds = (ms: number) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`)
