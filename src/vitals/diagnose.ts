import type { Colour, Diagnosis, Finding, Surroundings } from './diagnosis'
import { findBrokers } from './findings/brokers'
import { findEnds } from './findings/ends'
import { findKeys } from './findings/keys'
import { findLag } from './findings/lag'
import { findPauses } from './findings/pauses'
import { findRecords } from './findings/records'
import { findWorkers } from './findings/workers'
import type { Application } from './model'
import { countInWords, lengthInWords } from './words'

/** Roots first: an outage's findings explain the lag, and not the other way round. */
const finders = [findBrokers, findEnds, findWorkers, findPauses, findRecords, findKeys, findLag]

const worse = (a: Colour, b: Colour): Colour => (a === 'red' || b === 'red' ? 'red' : a === 'amber' ? a : b)

/**
 * What is wrong with an application and why: each finding a sentence with its chain of causes. Says nothing of what neither the vitals
 * nor the surroundings tell.
 *
 * @example
 * diagnose(application).sentence // 'Postgres has refused connections for 40 s'
 */
export function diagnose(application: Application, surroundings: Surroundings, nowMs: number): Diagnosis {
  const findings: Finding[] = []
  for (const find of finders) findings.push(...find({ application, surroundings, nowMs, before: findings }))
  findings.sort((a, b) => Number(b.colour === 'red') - Number(a.colour === 'red'))
  const colour = findings.reduce<Colour>((sum, each) => worse(sum, each.colour), 'green')
  const { tasks, nodes, ends, workers } = application
  const touched = (what: keyof Finding['touches'], names: readonly string[]) =>
    Object.fromEntries(names.map(name => [name, colourOf(findings, what, name)]))
  return {
    ...{ application: application.name, colour, findings },
    sentence: findings[0]?.sentence ?? allWell(application),
    tasks: touched('tasks', idsOf(tasks)),
    nodes: touched('nodes', namesOf(nodes)),
    ends: touched('ends', namesOf(ends)),
    workers: touched(
      'workers',
      workers.map(({ tally }) => tally.worker),
    ),
  }
}

const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)
const idsOf = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id)

const colourOf = (findings: readonly Finding[], what: keyof Finding['touches'], name: string): Colour =>
  findings.reduce<Colour>(
    (sum, { colour, touches }) => (touches[what]?.includes(name) ? worse(sum, colour) : sum),
    'green',
  )

function allWell({ rate, lag }: Application): string {
  const pace = `${countInWords(rate)} records/s`
  if (lag.trend === 'shrinking' && lag.caughtUpInMs !== undefined)
    return `${pace}, caught up in ${lengthInWords(lag.caughtUpInMs)}`
  return lag.ms === undefined || lag.ms < 1_000 ? `caught up, ${pace}` : `${pace}, ${lengthInWords(lag.ms)} behind`
}
