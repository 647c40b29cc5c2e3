import { TopologyError } from '../../errors'
import type { Queries } from '../graph/queries'
import { checkTopic } from './topic-checks'

/** Options that `weir ask` has already. */
const taken = ['window', 'range', 'brokers', 'registry', 'output', 'timeout', 'help']

/** Checks a declaration against the stores that there are. Throws TopologyError. */
export function checkQueries(
  { key, stores, mqtt, mqttReplies, replyTopics = [] }: Queries,
  known: readonly string[],
): void {
  const fault = (what: string) => new TopologyError(`queries: ${what}`)
  if (!/^[a-z][a-z0-9-]*$/.test(key))
    throw fault(`key "${key}" has to be a word of a-z, 0-9 and '-': it becomes an option`)
  if (taken.includes(key)) throw fault(`key "${key}": weir ask has an option of this name already, call it otherwise`)
  if (Object.keys(stores).length === 0) throw fault('stores is empty; name at least one: { latest: "my-store" }')
  for (const store of Object.values(stores))
    if (!known.includes(store))
      throw fault(`there is no store "${store}"; the topology has: ${known.join(', ') || 'none'}`)
  for (const topic of replyTopics) checkTopic('queries', topic)
  if (mqttReplies !== undefined && (mqttReplies === '' || /[+#\0{}]|^\$|\/$/.test(mqttReplies)))
    throw fault(`mqttReplies "${mqttReplies}" has to be a topic without +, #, braces, $ at the start and / at the end`)
  if (mqtt === undefined) return
  const levels = mqtt.split('/')
  if (levels.filter(level => level === `{${key}}`).length !== 1)
    throw fault(`mqtt "${mqtt}" needs {${key}} as one of its levels, once: sensors/{${key}}/get`)
  if (/[+#\0]/.test(mqtt) || mqtt.startsWith('$') || levels.some(level => /[{}]/.test(level) && level !== `{${key}}`))
    throw fault(`mqtt "${mqtt}" may hold no +, #, $ at the start, and no braces but {${key}}`)
}
