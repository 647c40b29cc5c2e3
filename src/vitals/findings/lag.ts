import type { Finding } from '../diagnosis'
import type { TaskView } from '../model'
import { counted, countInWords, lengthInWords, listed } from '../words'
import { chainOf, lagInWords, type Search } from './search'

/** Lag that grows is amber from here, and red from there, ms. */
const amberMs = 2_000
const redMs = 60_000
/** Lag that neither grows nor shrinks is worth a word from here, ms. */
const steadyMs = 5_000

/** Whether a finding's chain ends with the lag: that of a slow end, and of workers that process nothing. */
const isCause = ({ colour, kind, touches }: Finding): boolean =>
  colour === 'red' ||
  kind === 'end-slow' ||
  kind === 'worker-waiting' ||
  (kind === 'worker-lost' && (touches.tasks?.length ?? 0) > 0)

/** Lag that nothing found so far explains: more comes than is processed. */
export function findLag({ application, before }: Search): Finding[] {
  const { lag, rate, tasks } = application
  const least = lag.trend === 'growing' ? amberMs : lag.trend === 'steady' ? steadyMs : Number.POSITIVE_INFINITY
  // With a cause of its own the lag is the last link of that chain.
  if ((lag.ms ?? 0) < least || before.some(isCause)) return []
  const late = tasks.filter(task => (task.lag.ms ?? 0) >= amberMs).sort((a, b) => (b.lag.ms ?? 0) - (a.lag.ms ?? 0))
  const sentence = `more comes than is processed: ${lagInWords(lag)}`
  return [
    {
      ...{ kind: 'lag-growing', colour: (lag.ms ?? 0) >= redMs && lag.trend === 'growing' ? 'red' : 'amber', sentence },
      touches: { tasks: late.map(({ id }) => id) },
      chain: chainOf(
        `${countInWords(rate)} records/s are processed, and more are written`,
        hottest(late, tasks),
        lagInWords(lag),
      ),
    },
  ]
}

/** Whether it is all tasks, or a few: a hot key, or a worker that has too many. */
function hottest(late: readonly TaskView[], all: readonly TaskView[]): string | undefined {
  const [first] = late
  if (first === undefined) return undefined
  if (late.length === all.length) return `all ${counted(all.length, 'task')} are behind`
  const names = late.map(({ id }) => id)
  return `${late.length === 1 ? 'task' : 'tasks'} ${listed(names)} of ${all.length} ${late.length === 1 ? 'is' : 'are'} behind, ${first.id} by ${lengthInWords(first.lag.ms ?? 0)}`
}
