import type { Cluster } from './cluster'
import { NotFoundError, UsageError } from './errors'
import { listTopics } from './topics'

/** No name of a topic has one of these. */
const OF_PATTERNS = /[*?^$/\\[(|+]/

/**
 * Names and patterns as names, each once: `orders-*` (`*` any letters, `?` one), `/^orders-\d+$/` or, as librdkafka has it, `^orders`. Patterns leave
 * Kafka's own topics out. Names are given back as they are. Throws NotFoundError for a pattern that no topic matches, UsageError for one that is none.
 */
export async function matchingTopics(cluster: Cluster, given: readonly string[]): Promise<string[]> {
  if (!given.some(isPattern)) return [...new Set(given)]
  const all = (await listTopics(cluster)).map(({ topic }) => topic)
  const found = new Set<string>()
  for (const text of given) {
    const matching = isPattern(text) ? all.filter(matcher(text)) : [text]
    if (matching.length === 0) throw new NotFoundError(`no topic matches ${text}`)
    for (const topic of matching) found.add(topic)
  }
  return [...found]
}

const isPattern = (text: string) => OF_PATTERNS.test(text)

/** What a topic's name matches. Throws UsageError. */
export function matcher(text: string): (topic: string) => boolean {
  const pattern = /^\/(.*)\/(i?)$/s.exec(text) ?? (text.startsWith('^') ? ['', text, ''] : undefined)
  const source =
    pattern?.[1] ??
    `^${text.replace(/[.+^${}()|[\]\\/]/g, '\\$&').replace(/[*?]/g, each => (each === '*' ? '.*' : '.'))}$`
  try {
    const regex = new RegExp(source, pattern?.[2] ?? '')
    return topic => regex.test(topic)
  } catch (error) {
    throw new UsageError(`${text} is no pattern: ${(error as Error).message}; orders-* or /^orders-\\d+$/ is one`)
  }
}
