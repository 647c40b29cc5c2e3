import type { VerbArgument } from './verb'

/** Topics of any number, for `matchingTopics`. */
export const TOPICS: VerbArgument = {
  name: '<topic...>',
  about: 'one or more topics, or patterns: orders-*, /^orders-\\d+$/',
  completes: 'topic',
}
