import type { Finding } from '../diagnosis'
import { counted, lengthInWords, listed } from '../words'
import { chainOf, type Search } from './search'

/** A source from which nothing comes for so long is worth a word, ms. */
const silentMs = 30_000

/** Keys (sensors, say) and whole sources that used to come and don't. */
export function findKeys(search: Search): Finding[] {
  return [...keysFinding(search), ...sourceFindings(search)]
}

function keysFinding({ application, surroundings, nowMs }: Search): Finding[] {
  const silent = (surroundings.silentKeys ?? []).filter(each => each.application === application.name)
  const [first] = [...silent].sort((a, b) => a.lastMs - b.lastMs)
  if (first === undefined) return []
  const keys = silent.map(({ key }) => key)
  const usually = `usually one every ${lengthInWords(first.usuallyEveryMs)}`
  const sentence =
    silent.length === 1
      ? `${first.key} has been silent for ${lengthInWords(nowMs - first.lastMs)}, ${usually}`
      : `${counted(silent.length, 'key')} are silent, ${first.key} for ${lengthInWords(nowMs - first.lastMs)}`
  return [
    {
      ...{ kind: 'key-silent', colour: 'amber', sentence, sinceMs: first.lastMs, touches: { keys } },
      chain: chainOf(`nothing comes from ${listed(keys)}`, sentence),
    },
  ]
}

/** Partitions of a source that all stand at their end, while nothing has come for long. */
function sourceFindings({ application, nowMs }: Search): Finding[] {
  const here = application.workers.filter(({ presence }) => presence === 'here')
  const written = new Set(
    (application.topology?.parts ?? []).flatMap(({ nodes }) => nodes.flatMap(({ writes }) => writes ?? [])),
  )
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
