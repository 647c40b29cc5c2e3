import type { Finding } from '../diagnosis'
import { counted, lengthInWords, listed } from '../words'
import { chainOf, type Search } from './search'

/** A source without a new record for this long is reported, ms. */
const silentMs = 30_000

/** Keys (sensors, say) and whole sources whose records have stopped coming. */
export function findKeys(search: Search): Finding[] {
  const sources = sourceFindings(search)
  const silent = new Set(sources.flatMap(({ touches }) => touches.topics ?? []))
  // Where nothing comes at all, every key is silent for that reason.
  return [...sources, ...keyFindings(search).filter(({ touches }) => !touches.topics?.some(each => silent.has(each)))]
}

function keyFindings({ application, surroundings, nowMs }: Search): Finding[] {
  const { read } = topicsOf(application)
  return (surroundings.silentKeys ?? []).flatMap(({ topic, count, keys }): Finding[] => {
    const [first] = [...keys].sort((a, b) => a.lastMs - b.lastMs)
    if (first === undefined || !read.has(topic)) return []
    const { key, lastMs, usuallyEveryMs } = first
    const long = lengthInWords(nowMs - lastMs)
    const usually = usuallyEveryMs === undefined ? '' : `, usually one every ${lengthInWords(usuallyEveryMs)}`
    const sentence =
      count === 1
        ? `${key} has been silent for ${long}${usually}`
        : `${counted(count, 'key')} of ${topic} are silent, ${key} for ${long}`
    const others = keys.map(each => each.key)
    return [
      {
        ...{ kind: 'key-silent', colour: 'amber', sentence, sinceMs: lastMs },
        touches: { keys: others, topics: [topic] },
        chain: chainOf(sentence, `nothing comes from ${listed(others)}, and other keys of ${topic} do come`),
      },
    ]
  })
}

/** The topics that an application reads and those that it writes, as its topology says. */
function topicsOf({ topology }: Search['application']) {
  const nodes = (topology?.parts ?? []).flatMap(part => part.nodes)
  const all = (of: 'reads' | 'writes') => new Set(nodes.flatMap(node => node[of] ?? []))
  return { read: all('reads'), written: all('writes') }
}

/** Sources that are read to their end and have had no new record for long. */
function sourceFindings({ application, nowMs }: Search): Finding[] {
  const here = application.workers.filter(({ presence }) => presence === 'here')
  const { written } = topicsOf(application)
  const topics = new Map<string, { lastMs: number; isCaughtUp: boolean }>()
  for (const { topic, lag, lastRecordMs } of here.flatMap(({ tally }) => tally.tasks.flatMap(({ inputs }) => inputs))) {
    if (written.has(topic)) continue
    const known = topics.get(topic) ?? { lastMs: 0, isCaughtUp: true }
    topics.set(topic, { lastMs: Math.max(known.lastMs, lastRecordMs ?? 0), isCaughtUp: known.isCaughtUp && lag === 0 })
  }
  return [...topics].flatMap(([topic, { lastMs, isCaughtUp }]) => {
    if (!isCaughtUp || lastMs === 0 || nowMs - lastMs < silentMs) return []
    const sentence = `nothing has come from ${topic} for ${lengthInWords(nowMs - lastMs)}`
    return [
      {
        kind: 'source-silent',
        colour: 'amber',
        sentence,
        sinceMs: lastMs,
        touches: { topics: [topic] },
        chain: [sentence, 'every record of it is processed'],
      },
    ]
  })
}
