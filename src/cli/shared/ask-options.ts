import { duration } from '../../codecs/duration'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import type { Topology } from '../../dsl/graph'
import { Asker, notRunning } from '../../engine/queries/asker'
import type { Answer, AnswerEntry, Question } from '../../engine/queries/question'
import { NotFoundError } from '../../ops/errors'
import { withBroker } from './engine-broker'
import type { Column } from './output'
import type { Call, VerbOption } from './verb'

export const RANGE: VerbOption = {
  flags: '--range <duration>',
  about: 'all windows of the last so much event time, instead of the last one',
  parse: duration,
}

type Services = Pick<Call, 'kafka' | 'registryUrl' | 'timeoutMs'>

/** Asks a running topology one question. Throws NotFoundError for a key without entries, UnavailableError when no worker runs. */
export async function askOnce(
  topology: Topology,
  { key, ...question }: Omit<Question, 'key'> & { readonly key: string },
  { kafka, registryUrl, timeoutMs }: Services,
  partition?: number,
): Promise<Answer> {
  return withBroker(topology.name, kafka, async broker => {
    const registry = new ConfluentRegistry({ url: registryUrl })
    const asker = await Asker.open({ topology, broker, registry, nowMs: Date.now, timeoutMs })
    try {
      if ((await asker.workers()) === 0) throw notRunning(topology.name)
      const { store } = question
      const answer = await asker.ask(
        { ...question, key: asker.keyOf(store, key) },
        partition === undefined ? {} : { partition },
      )
      if (answer.entries.length === 0) throw nothingOf(key, question, answer)
      return answer
    } finally {
      await asker.close()
    }
  })
}

function nothingOf(key: string, { store, from, to, rangeMs }: Omit<Question, 'key'>, { task }: Answer): NotFoundError {
  const when = from === undefined && to === undefined && rangeMs === undefined ? '' : ' in that stretch of event time'
  return new NotFoundError(`store "${store}" has nothing of key "${key}"${when} (task ${task} was asked)`)
}

/** One column for each field of the values, where they are objects. */
export function entryColumns(entries: readonly AnswerEntry[]): Column<AnswerEntry>[] {
  const fields = new Set(entries.flatMap(({ value }) => (isPlain(value) ? Object.keys(value) : [])))
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  const columns: Column<AnswerEntry>[] = []
  if (entries.some(({ window }) => window !== undefined))
    columns.push(
      { title: 'START', value: ({ window }) => time(window?.start) },
      { title: 'END', value: ({ window }) => time(window?.end) },
    )
  else columns.push({ title: 'TIME', value: ({ timestamp }) => time(timestamp) })
  for (const field of fields)
    columns.push({ title: field.toUpperCase(), value: ({ value }) => shown(isPlain(value) ? value[field] : null) })
  if (fields.size === 0) columns.push({ title: 'VALUE', value: ({ value }) => shown(value) })
  return columns
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function shown(value: unknown): string | number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}
