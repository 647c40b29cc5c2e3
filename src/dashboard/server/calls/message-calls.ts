import { parseExact } from '../../../codecs/exact-json'
import { type DecodeError, UnavailableError } from '../../../errors'
import { type BrowseOptions, browse } from '../../../ops/browse'
import { topicFacts } from '../../../ops/consume'
import { NotFoundError, UsageError } from '../../../ops/errors'
import { onOneLine } from '../../../ops/json-form'
import { partitionList } from '../../../ops/partition-list'
import { produce } from '../../../ops/produce'
import { prepare } from '../../../ops/record-json'
import { type Formats, RecordShower, type ShownRecord } from '../../../ops/show-record'
import { topicWriter } from '../../../ops/topic-writer'
import { partitionsOf } from '../../../ops/topics'
import { readable } from '../../../ops/unreadable'
import { parseWhere } from '../../../ops/where'
import type { Call } from '../../contract/routes'
import { cursorOf, parseCursor } from '../cursor'
import type { DecoderCache } from '../decoder-cache'
import type { Reach } from '../reach'
import { change } from './change'
import type { Handlers } from './handlers'

type MessageCalls = Pick<
  Handlers,
  | 'GET /api/topics/:topic/messages'
  | 'GET /api/topics/:topic/messages/:partition/:offset'
  | 'POST /api/topics/:topic/messages'
>

/** In a list; a message alone is shown whole. */
export const listedChars = 2_000
const wholeChars = Number.POSITIVE_INFINITY

export function messageCalls(reach: Reach, decoders: DecoderCache): MessageCalls {
  const { cluster } = reach
  return {
    'GET /api/topics/:topic/messages': ({ params: { topic }, query }) => pageOfMessages(reach, decoders, topic, query),
    'GET /api/topics/:topic/messages/:partition/:offset': async ({ params, query }) => {
      const { topic, partition, offset } = params
      const { records } = await browse(
        cluster,
        {
          ...{ partitions: await partitionsOf(cluster, topic, [partition]), direction: 'newer', limit: 1 },
          ...{
            from: new Map([[partition, offset]]),
            readCommitted: false,
            signal: AbortSignal.timeout(reach.timeoutMs),
          },
        },
        await rendererOf(reach, decoders, topic, formatsOf(query), wholeChars),
      )
      const found = records[0]
      if (found?.offset === offset) return found
      throw new NotFoundError(`${topic}-${partition} has no record at offset ${offset}`)
    },
    'POST /api/topics/:topic/messages': ({ params: { topic }, body }) =>
      change(reach, {
        ...{ what: 'topic', name: topic, confirm: body.confirm },
        plan: () => ({ topic, acknowledged: 0 }),
        execute: async () => ({ topic, acknowledged: await produceOne(reach, topic, body) }),
      }),
  }
}

const formatsOf = ({ keyFormat, valueFormat }: { keyFormat: Formats['key']; valueFormat: Formats['value'] }) => ({
  ...{ key: keyFormat, value: valueFormat },
})

async function pageOfMessages(
  reach: Reach,
  decoders: DecoderCache,
  topic: string,
  query: Call<'GET /api/topics/:topic/messages'>['query'],
) {
  const { cluster } = reach
  const only = query.partitions === undefined ? undefined : partitionList(query.partitions)
  const unreadable: { what: string; records: number }[] = []
  const onUnreadable = ({ message }: DecodeError, records: number) => void unreadable.push({ what: message, records })
  const signal = AbortSignal.timeout(reach.timeoutMs)
  const options: BrowseOptions = {
    ...{ partitions: await partitionsOf(cluster, topic, only), limit: query.limit, ...startOf(query) },
    ...{ readCommitted: !query.uncommitted, signal, onUnreadable },
  }
  const render = await rendererOf(reach, decoders, topic, formatsOf(query), listedChars, onUnreadable)
  const page = await browse(cluster, options, render)
  if (signal.aborted)
    throw new UnavailableError(`the messages of "${topic}" could not be read within ${reach.timeoutMs / 1000} s`)
  return {
    messages: page.records,
    older: page.older === undefined ? null : cursorOf(page.older, 'older'),
    newer: cursorOf(page.newer, 'newer'),
    atEnd: page.atEnd,
    unreadable: unreadable.slice(0, 100),
  }
}

function startOf(query: Call<'GET /api/topics/:topic/messages'>['query']): Pick<BrowseOptions, 'from' | 'direction'> {
  if (query.cursor !== undefined) {
    const { place, direction } = parseCursor(query.cursor)
    return { from: place, direction: query.direction ?? direction }
  }
  const from = parseWhere(query.from, Date.now())
  const isAtEnd = from === 'latest'
  return { from, direction: query.direction ?? (isAtEnd ? 'older' : 'newer') }
}

async function rendererOf(
  { cluster }: Reach,
  cache: DecoderCache,
  topic: string,
  formats: Formats,
  maxChars: number,
  onUnreadable?: (error: DecodeError, records: number) => void,
) {
  const decoders = cache.get(formats)
  const shower = new RecordShower(await topicFacts(cluster, topic), decoders, formats, maxChars)
  return async (batch: Parameters<typeof prepare>[1]): Promise<readonly ShownRecord[]> => {
    await prepare(decoders, batch)
    const shown = Array.from({ length: batch.count }, (_, i) =>
      readable(batch, i, onUnreadable, () => shower.show(batch, i)),
    )
    return shown.filter(record => record !== undefined)
  }
}

/** Writes it as `weir produce --records` does. Throws UsageError for what doesn't fit, with the reason. */
async function produceOne(reach: Reach, topic: string, body: Call<'POST /api/topics/:topic/messages'>['body']) {
  const { value, key, headers, keyFormat, valueFormat, partition, timestampMs } = body
  const isText = valueFormat === 'text' || valueFormat === 'json'
  const avro = isText ? undefined : await topicWriter(reach.registry, topic, valueFormat)
  if (value !== null && (avro !== undefined || valueFormat === 'json')) requireJson(value)
  // Avro is written from JSON; anything else is the text that was typed.
  const payload = value !== null && avro !== undefined ? onOneLine(value) : JSON.stringify(value)
  const rest = JSON.stringify({ key, partition, ts: timestampMs })
  const reasons: string[] = []
  const report = await produce(reach.cluster, reach.kafka, lines(`{"payload":${payload},${rest.slice(1)}`), {
    ...{ topic, input: 'records', keepPartition: true, headers, timeoutMs: reach.timeoutMs, nowMs: Date.now },
    ...(avro === undefined ? {} : { avro }),
    ...(keyFormat === 'text' ? {} : { keyFormat }),
    onRefused: (_, reason) => void reasons.push(reason),
  })
  if (report.refused > 0) throw new UsageError(`the message was not sent: ${reasons.join('; ')}`)
  return report.acknowledged
}

async function* lines(text: string): AsyncGenerator<string> {
  yield `${text}\n`
}

function requireJson(text: string): void {
  try {
    parseExact(text)
  } catch (error) {
    throw new UsageError(`the value is no JSON: ${(error as Error).message}`)
  }
}
