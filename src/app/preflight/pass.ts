import { setTimeout as sleep } from 'node:timers/promises'
import type { Topology } from '../../dsl/graph'
import { TopologyError, UnavailableError } from '../../errors'
import type { Log } from '../../log'
import type { Outages } from '../../outages'
import type { Planned } from '../plan-for'
import { type Fault, type PreflightOptions, preflight, type Where } from './preflight'

const firstPauseMs = 100
const longestPauseMs = 5_000

/** A start that was refused: everything that is missing or unlike, a line each. Nothing was made. */
export class PreflightError extends TopologyError {
  readonly lines: readonly string[]
  constructor(faults: readonly Fault[]) {
    const lines = faults.map(lineOf)
    super(lines.length === 1 ? (lines[0] ?? '') : `${lines.length} things are missing or unlike: ${lines.join('; ')}`)
    this.lines = lines
  }
}

/** `Kafka: topic orders doesn't exist: npx weir topics create orders --partitions 10` */
export function lineOf({ where, what, mend }: Fault): string {
  const begin = what.startsWith(where) || what.startsWith(`the ${where}`) ? what : `${where}: ${what}`
  return mend === '' || begin.includes(mend) ? begin : `${begin}${begin.endsWith('?') ? '' : ':'} ${mend}`
}

export interface PassOptions extends PreflightOptions {
  readonly log: Log
  readonly outages: Outages
  readonly signal: AbortSignal
}

/** What they lack can come later, and rows and messages wait for it, as they do for an end that is away: a migration may run beside the first worker. */
const ends: readonly Where[] = ['Postgres', 'MQTT broker']

/**
 * The preflight of a start. What is no reason not to start is a warning, what an end lacks among it. Kafka and the registry are waited for while they
 * don't answer; an end that doesn't is the worker's to wait for. Throws PreflightError, with all that was found, where Kafka, the registry or this machine lack something.
 * Gives the plan, which it was made with.
 */
export async function passPreflight(topology: Topology, options: PassOptions): Promise<Planned> {
  const { outages, signal, log } = options
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted()
    const { faults, planned } = await preflight(topology, options)
    const refuses = ({ isAway, isMild, where }: Fault) => !isAway && !isMild && !ends.includes(where)
    if (faults.some(refuses)) throw new PreflightError(faults)
    const away = faults.filter(({ isAway, where }) => isAway && (where === 'Kafka' || where === 'schema registry'))
    if (away.length === 0 && planned !== undefined) {
      outages.back('Kafka')
      for (const fault of faults) if (!fault.isAway) log.warn(lineOf(fault))
      return planned
    }
    for (const fault of away)
      outages.lost(fault.where === 'Kafka' ? 'Kafka' : `the ${fault.where}`, new UnavailableError(lineOf(fault)))
    await sleep(pauseMs, undefined, { signal })
  }
}
