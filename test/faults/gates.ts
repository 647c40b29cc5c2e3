import { cureOf, errorName } from '../../src/connectors/kafka/protocol/error-codes'
import type { Outcome } from './outcome'
import { allPoints } from './weather/points'
import { wrongAnswers } from './weather/wrong-answers'

const requests = ['Produce', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn']
const wrongs = ['refusedBefore', 'wrongAfter', 'cutBefore', 'cutAfter', 'slowAnswer', 'slowHandling']
/** Asked only where a transaction may hang: few seeds come to that. */
const rare = new Set(['DescribeTransactions', 'ListTransactions', 'DescribeProducers'])
/** Nothing in the simulation leaves a transaction without its markers. */
const neverSent = new Set(['WriteTxnMarkers'])
const ends = ['table open', 'table commit', 'live open', 'live write', 'live commit']

/** Every place that has to be struck where many seeds are run: each step of a commit at each end, by each kind of error. */
function wantedPlaces(seeds: number): string[] {
  const isWanted = (name: string) => !neverSent.has(name) && (seeds >= VERY_MANY || !rare.has(name))
  const names = [...wrongAnswers.values()].map(({ name }) => name).filter(isWanted)
  const answers = names.flatMap(name => wrongs.map(wrong => `${wrong} ${name}`))
  const kills = requests.flatMap(name => ['before', 'after'].map(moment => `killAtRequest ${name} ${moment}`))
  const killsAtEnds = ends.flatMap(end => ['asked', 'done'].map(moment => `killAtEnd ${end} ${moment}`))
  const losses = ends.flatMap(each => {
    const [end, kind] = each.split(' ')
    return [`${end}Slow ${kind}`, `${end}Lost ${kind} before`, `${end}Lost ${kind} after`]
  })
  return [...answers, ...kills, ...killsAtEnds, ...losses]
}

/** The errors of a commit's requests by what they ask for (another leader, a pause, a new start, ...): one of each kind has to be answered, before and after. */
function wantedErrors(): string[][] {
  const answers = [...wrongAnswers.values()].filter(({ name }) => requests.includes(name))
  return answers.flatMap(({ name, codes }) =>
    [...new Set(codes.map(cureOf))].flatMap(cure =>
      ['refusedBefore', 'wrongAfter'].map(wrong =>
        codes.filter(code => cureOf(code) === cure).map(code => `${wrong} ${name} ${errorName(code)}`),
      ),
    ),
  )
}

/** From so many seeds on a task must have gone on through a rebalance, and an end without another one. */
const SOME = 100
/** From so many seeds on every place must have been struck. */
const MANY = 500
/** From so many on, those that are rare too. */
const VERY_MANY = 5_000

export interface Totals {
  seeds: number
  records: number
  compared: number
  faults: number
  kills: number
  generations: number
  fenced: number
  carriedOver: number
  ahead: number
  events: number
  timeMs: number
  readonly places: Map<string, number>
}

export const noTotals = (): Totals => ({
  ...{ seeds: 0, records: 0, compared: 0, faults: 0, kills: 0, generations: 0, fenced: 0, events: 0, timeMs: 0 },
  ...{ carriedOver: 0, ahead: 0 },
  places: new Map(),
})

export function add(totals: Totals, outcome: Outcome): void {
  totals.seeds++
  for (const name of [
    'records',
    'compared',
    'faults',
    'kills',
    'generations',
    'fenced',
    'events',
    'timeMs',
    'carriedOver',
    'ahead',
  ] as const)
    totals[name] += outcome[name]
  for (const [place, count] of Object.entries(outcome.places))
    totals.places.set(place, (totals.places.get(place) ?? 0) + count)
}

/** What a seed lacks that each has to have; empty where it has all, or was cut short. */
export function lacksOf({ compared, records, tasks, faults, generations, cut }: Outcome): string[] {
  if (cut !== undefined) return []
  return [
    ...(compared === 0 ? ['nothing was compared'] : []),
    ...(records < 200 ? [`only ${records} records`] : []),
    ...(tasks < 3 ? [`only ${tasks} tasks`] : []),
    ...(faults < 5 ? [`only ${faults} faults`] : []),
    ...(generations < 2 ? ['no rebalance'] : []),
  ]
}

/** Places that were never struck, and ways never gone, though so many seeds were run that they should have been. */
export function neverStruck({ seeds, places, carriedOver, ahead }: Totals): string[] {
  if (seeds < SOME) return []
  const ways = [
    ...(carriedOver === 0 ? ['no task went on through a rebalance'] : []),
    ...(ahead === 0 ? ['no end went on without another'] : []),
  ]
  if (seeds < MANY) return ways
  const struck = new Set([...places.keys()].map(place => place.split(' ')[0]))
  const points = allPoints.filter(point => !struck.has(point))
  const errors = wantedErrors().flatMap(kind => (kind.some(place => places.has(place)) ? [] : kind.slice(0, 1)))
  return [...ways, ...points, ...wantedPlaces(seeds).filter(place => !places.has(place)), ...errors]
}
