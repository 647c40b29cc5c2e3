import type { SampledRecord } from '../../../vitals/format'
import type { GroupRow, LagSeries } from '../../contract'
import type { Applications, Telling } from '../applications'
import type { Reach } from '../reach'
import { type Feed, JsonText } from './feed'

/** The most that the state of all applications takes of a connection, bytes a second: the rest is for the page's view. */
const bytesPerS = 20_000
/** The most sampled records of a step in one message, each way. */
const mostSamples = 20

type Told = Pick<Applications, 'tellings' | 'faults' | 'historyOf' | 'onTick'>

/** All applications and what is wrong with them; nothing while nothing changes, and less often the larger it is, but a fault that begins or ends at once. */
export function applicationsFeed(
  { applications }: { readonly applications: Told },
  changed: () => void,
  now: () => number = () => performance.now(),
): Feed {
  const close = applications.onTick(changed)
  /** The topology that was sent with each application last. */
  let known = new Map<string, string | undefined>()
  let told = ''
  let toldFaults = ''
  let nextMs = Number.NEGATIVE_INFINITY
  changed()
  const newsOf = ({ name, state, topology }: Telling): string => {
    const isFirst = !known.has(name)
    const shape = isFirst || known.get(name) !== topology ? `,"topology":${topology ?? null}` : ''
    const history = isFirst ? `,"history":${JSON.stringify(applications.historyOf(name))}` : ''
    return `{"state":${state}${shape}${history}}`
  }
  return {
    take() {
      const faults = applications.faults()
      if (now() < nextMs && faults === toldFaults) return undefined
      const { complete, tellings } = applications.tellings()
      const text = `{"applications":[${tellings.map(newsOf).join(',')}],"complete":${complete}}`
      if (text === told) return undefined
      told = text
      toldFaults = faults
      known = new Map(tellings.map(({ name, topology }) => [name, topology]))
      nextMs = now() + (Buffer.byteLength(text) / bytesPerS) * 1000
      return new JsonText(text)
    },
    close,
  }
}

/** The last sampled records of one step, while somebody looks at it. */
export function samplesFeed(
  { applications }: { readonly applications: Pick<Applications, 'find' | 'onTick'> },
  { application, node }: { readonly application: string; readonly node: string },
  changed: () => void,
): Feed {
  const close = applications.onTick(changed)
  let told = ''
  changed()
  return {
    take() {
      const { recordsIn = [], recordsOut = [] } =
        applications.find(application)?.nodes.find(({ name }) => name === node) ?? {}
      const newest = (all: readonly SampledRecord[]) => [...all].sort((a, b) => a.atMs - b.atMs).slice(-mostSamples)
      const text = JSON.stringify({ recordsIn: newest(recordsIn), recordsOut: newest(recordsOut) })
      if (text === told) return undefined
      told = text
      return new JsonText(text)
    },
    close,
  }
}

/** Services down and up, at the start and at each change. */
export function statusFeed({ watch }: Reach, changed: () => void): Feed {
  const close = watch.onChange(changed)
  changed()
  return { take: () => ({ outages: watch.outages }), close }
}

/** The rows of some groups, at the start and after each survey. */
export function groupRows({ sampler }: Reach, groups: readonly string[], changed: () => void): Feed {
  const close = sampler.onSample(changed)
  changed()
  return { take: () => ({ rows: groups.flatMap((group): GroupRow[] => [sampler.row(group) ?? []].flat()) }), close }
}

/** The series of a group's lag at the start, and then what was added since the last message: one point as a rule. */
export function lagFeed({ sampler }: Reach, group: string, changed: () => void): Feed {
  let lastMs = Number.NEGATIVE_INFINITY
  const close = sampler.onSample(changed)
  changed()
  const point = ({ atMs, lag }: LagSeries) => ({ atMs: atMs.at(-1) ?? 0, lag: lag.at(-1) ?? null })
  return {
    take() {
      const series = sampler.series(group)
      const since = lastMs
      lastMs = series.atMs.at(-1) ?? since
      const added = series.atMs.filter(at => at > since).length
      if (since === Number.NEGATIVE_INFINITY) return { series, point: null }
      if (added === 0) return undefined
      // A page that was hidden has missed some.
      return added === 1 ? { series: null, point: point(series) } : { series, point: null }
    },
    close,
  }
}
