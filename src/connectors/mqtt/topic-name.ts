/** MQTT's limit: a text is written behind its length in two bytes (MQTT 5, 1.5.4). */
export const longestTopic = 65_535
/** mosquitto closes the connection of who publishes to a topic of more levels. */
const mostLevels = 201

/**
 * Characters that a broker may close the connection for (MQTT 5, 1.5.4: "SHOULD NOT include"; mosquitto does): control characters, and
 * code points that are no characters in any plane.
 */
const refused = String.raw`\p{Cc}\p{Noncharacter_Code_Point}`
const refusedAnywhere = new RegExp(`[${refused}]`, 'u')
const special = new RegExp(`[%/+#${refused}]|^\\$`, 'gu')
/** Half of a pair: UTF-8 can't say it, and Node writes U+FFFD for each of them, so that two topics would become one. */
const loneSurrogate = /\p{Surrogate}/u

/** What is wrong with the name of a topic to publish to, or undefined: ``it has a wildcard (+ or #)``. */
export function topicFault(topic: string): string | undefined {
  if (topic === '') return 'it is empty'
  if (/[+#]/.test(topic)) return 'it has a wildcard (+ or #)'
  if (topic.startsWith('$')) return "it begins with $, which is the broker's own"
  if (loneSurrogate.test(topic)) return 'it has half of a surrogate pair, which is no character'
  if (refusedAnywhere.test(topic)) return 'it has NUL, another control character or a code point that is no character'
  if (Buffer.byteLength(topic) > longestTopic) return `it is longer than ${longestTopic} bytes`
  if (topic.split('/').length > mostLevels) return `it has more than ${mostLevels} levels`
  return undefined
}

/** What in a value can't be encoded into a topic; undefined where all can. */
export function valueFault(text: string): string | undefined {
  return loneSurrogate.test(text) ? 'has half of a surrogate pair, which is no character' : undefined
}

function percent(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .toUpperCase()
    .replace(/../g, hex => `%${hex}`)
}

/**
 * A value as a part of one topic level: `% / + #`, characters that brokers refuse, and a leading `$` are percent-encoded; the empty
 * value is `%`, which no other value gives.
 *
 * @example
 * topicValue('a/b') // 'a%2Fb'
 */
export function topicValue(text: string): string {
  if (text === '') return '%'
  return text.replace(special, percent)
}
