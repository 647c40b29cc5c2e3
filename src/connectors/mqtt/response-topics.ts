import { templatePattern } from './topic-template'

/** The prefix of response topics where a topology names none. */
export const usualResponsePrefix = 'answers'

export interface ResponseTopicsOptions {
  /** Answers go to this topic and to those below it. */
  readonly prefix: string
  /** Templates of the topics that the topology itself writes and listens to: `sensors/{sensor_id}`. */
  readonly own: readonly string[]
}

/**
 * Why no answer may be sent to a response topic, or undefined. Whoever asks names it, and must not be able to make weir write its
 * answer, under its own rights, where readings are expected.
 *
 * @example
 * const fault = responseTopics({ prefix: 'answers', own: ['sensors/{sensor_id}'] })
 * fault('answers/anna') // undefined
 * fault('sensors/7') // answers go to answers and the topics below it
 */
export function responseTopics({ prefix, own }: ResponseTopicsOptions): (topic: string) => string | undefined {
  const patterns = own.map(template => ({ template, pattern: templatePattern(template) }))
  return topic => {
    if (topic !== prefix && !topic.startsWith(`${prefix}/`)) return `answers go to ${prefix} and the topics below it`
    const taken = patterns.find(({ pattern }) => pattern.test(topic))
    return taken && `the topology itself uses ${taken.template}`
  }
}
