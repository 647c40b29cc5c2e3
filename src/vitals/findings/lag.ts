import type { Finding } from '../diagnosis'
import type { TaskView } from '../model'
import { counted, countInWords, lengthInWords, listed } from '../words'
import { chainOf, lagInWords, type Search } from './search'

/** Lag that grows is amber from here, and red from there, ms. */
const amberMs = 2_000
const redMs = 60_000
/** Lag that neither grows nor shrinks is reported from here on, ms. */
const steadyMs = 5_000

/** Whether the lag is a consequence of this finding, such as a slow end or a worker that processes nothing. */
const isCause = ({ colour, kind, touches }: Finding): boolean =>
  colour === 'red' ||
  kind === 'end-slow' ||
  kind === 'worker-waiting' ||
  (kind === 'worker-lost' && (touches.tasks?.length ?? 0) > 0)

/** Lag that no finding so far explains: records come faster than they are processed. */
export function findLag({ application, before }: Search): Finding[] {
  const { lag, rate, tasks } = application
  const least = lag.trend === 'growing' ? amberMs : lag.trend === 'steady' ? steadyMs : Number.POSITIVE_INFINITY
  // A finding that causes the lag has it as the last link of its chain.
  if ((lag.ms ?? 0) < least || before.some(isCause)) return []
  const late = tasks.filter(task => (task.lag.ms ?? 0) >= amberMs).sort((a, b) => (b.lag.ms ?? 0) - (a.lag.ms ?? 0))
  const sentence = `more comes than is processed: ${lagInWords(lag)}`
  return [
    {
      ...{ kind: 'lag-growing', colour: (lag.ms ?? 0) >= redMs && lag.trend === 'growing' ? 'red' : 'amber', sentence },
      touches: { tasks: late.map(({ id }) => id) },
      chain: chainOf(sentence, `${countInWords(rate)} records/s are processed`, hottest(late, tasks)),
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
