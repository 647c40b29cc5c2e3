import type { Finding } from '../diagnosis'
import type { Fault } from '../format'
import type { NodeView } from '../model'
import { counted, lengthInWords, listed } from '../words'
import { chainOf, type Search } from './search'

/** A bad record is reported for this long after it came, ms. */
const wordMs = 60_000

/** Records that were left out, also for want of their schema, and records that an end refused and that are being searched for. */
export function findRecords(search: Search): Finding[] {
  return [...searched(search), ...search.application.nodes.flatMap(node => recordFinding(node, search))]
}

function recordFinding({ name, errors, lastError }: NodeView, { nowMs }: Search): Finding[] {
  if (lastError === undefined || nowMs - lastError.atMs > wordMs) return []
  const isSchema = aboutSchema(lastError)
  const sentence = isSchema
    ? `step ${name} can't read records of ${lastError.topic}: ${lastError.reason}`
    : `step ${name} failed at ${whereIs(lastError)}: ${lastError.error}: ${lastError.reason}`
  return [
    {
      ...{ kind: isSchema ? 'schema-refused' : 'poison-record', colour: 'amber', sentence, sinceMs: lastError.atMs },
      touches: { nodes: [name], topics: [lastError.topic] },
      chain: chainOf(
        `${whereIs(lastError)}: ${lastError.error}: ${lastError.reason}`,
        `step ${name} failed, ${counted(errors, 'time')} since its workers started`,
        `left out of the results: see the dead letters of ${lastError.topic}`,
        `the last one ${lengthInWords(Math.max(0, nowMs - lastError.atMs))} ago`,
      ),
    },
  ]
}

/** Schemas that are missing in the registry, or can't be used. */
const aboutSchema = ({ error, reason }: Fault) =>
  error === 'DecodeError' && /schema|registry|subject/i.test(reason) && !isOfValue(reason)

/** A value that isn't written as the registry's are, or not by the schema that it names: the schema is there. */
const isOfValue = (reason: string) => /\bthe value (starts|has|is)\b/.test(reason)

const whereIs = ({ topic, partition, offset }: Fault) =>
  offset < 0 ? `a result, partition ${partition}` : `${topic}/${partition} offset ${offset}`

function searched({ application: { tasks } }: Search): Finding[] {
  const ids = tasks.filter(({ status }) => status === 'searching').map(({ id }) => id)
  if (ids.length === 0) return []
  const sentence = `an end has refused a record of ${ids.length === 1 ? 'task' : 'tasks'} ${listed(ids)}: it is looked for`
  return [
    {
      ...{ kind: 'poison-record', colour: 'amber', sentence, touches: { tasks: ids } },
      chain: [sentence, 'commits are smaller until it stands alone and becomes a dead letter'],
    },
  ]
}
