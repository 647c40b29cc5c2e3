import { parseArgs } from 'node:util'
import { bugs } from '../planted/bugs'
import type { Kind } from './kinds/kind'

export const usage =
  'npm run faults -- [--rounds N] [--minutes M] [--only F1,F7] [--seed S] [--rate R] [--sensors N] [--workers N] [--light] [--record] [--resume] [--planted BUG]'

/** What a run is asked for. */
export interface Plan {
  /** Of each kind of fault. */
  readonly rounds: number
  /** As many rounds as go into this time, where it is given. */
  readonly minutes: number | undefined
  readonly seed: number
  /** Readings a second. */
  readonly rate: number
  readonly sensors: number
  readonly workers: number
  readonly only: readonly string[] | undefined
  /** The light Kafka and registry: to try something out, and for a quick look. */
  readonly light: boolean
  /** The bug of planted/bugs.ts that the workers have: a run that does not fail has not seen it. */
  readonly planted: string | undefined
  /** Writes what was seen into RESULTS.md. */
  readonly record: boolean
  /** Goes on with the cells of the protocol that former runs have not met. */
  readonly resume: boolean
}

/** The arguments are wrong; the message says which. */
export class UsageError extends Error {}

const MOST = 2 ** 31

/** @throws UsageError, or parseArgs' own TypeError */
export function planOf(args: readonly string[]): Plan {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean', default: false }] as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{
        rounds: text,
        minutes: text,
        only: text,
        seed: text,
        rate: text,
        sensors: text,
        workers: text,
        planted: text,
      },
      ...{ light: flag, record: flag, resume: flag },
    },
  })
  const whole = (name: string, given: string | undefined, or: number, least: number, most = MOST) => {
    const value = given === undefined ? or : Number(given)
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new UsageError(`--${name} ${given}: give a whole number from ${least} to ${most}`)
    return value
  }
  const { light, record, resume } = values
  const { planted } = values
  if (planted !== undefined && !bugs.some(({ name }) => name === planted))
    throw new UsageError(`--planted ${planted}: there are ${bugs.map(({ name }) => name).join(', ')}`)
  if (planted !== undefined && record) throw new UsageError('--record is for the engine as it is: leave out --planted')
  if (light && record) throw new UsageError('--record is for real services: leave out --light')
  return {
    rounds: whole('rounds', values.rounds, 1, 1),
    minutes: values.minutes === undefined ? undefined : whole('minutes', values.minutes, 1, 1, 10_000),
    seed: whole('seed', values.seed, Date.now() % MOST, 0),
    rate: whole('rate', values.rate, 2_000, 1, 1e6),
    sensors: whole('sensors', values.sensors, 200, 1, 1e6),
    workers: whole('workers', values.workers, 2, 2, 4),
    only: values.only?.split(','),
    ...{ light, record, resume, planted },
  }
}

/** The kinds that were asked for. */
export function chosenKinds(kinds: readonly Kind[], only: readonly string[] | undefined): readonly Kind[] {
  const unknown = only?.filter(id => !kinds.some(kind => kind.id === id)) ?? []
  if (unknown.length > 0)
    throw new UsageError(`--only ${unknown.join(',')}: there are ${kinds.map(({ id }) => id).join(', ')}`)
  return kinds.filter(({ id }) => only?.includes(id) ?? true)
}
