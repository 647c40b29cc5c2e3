import { setTimeout as sleep } from 'node:timers/promises'
import { decodeKey, decodeValue } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import type { TopicPartition } from '../../connectors/source'
import { isKind, type Topology } from '../../dsl/graph'
import type { CodecBook, Codecs } from '../../engine/task/codec-book'
import { UnavailableError } from '../../errors'
import { clock } from './readable'

export interface ResultsOptions {
  readonly topology: Topology
  readonly broker: Broker
  readonly book: CodecBook
  readonly print: (line: string) => void
  readonly stop: AbortSignal
}

const lookEveryMs = 300
/** Lines of a topic for each look: nobody reads more. */
const mostLines = 8

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))

/** Prints what a topology commits to topics from now on, as its own codecs read it, until `stop`. An outage of Kafka is waited for. */
export async function showResults({ topology, broker, book, print, stop }: ResultsOptions): Promise<void> {
  const outputs = new Map<string, Codecs>()
  for (const node of topology.nodes) {
    const codecs = book.get(node.id)
    if (
      isKind(node, 'to') &&
      node.spec.owner === 'author' &&
      typeof node.spec.topic === 'string' &&
      codecs !== undefined
    )
      outputs.set(node.spec.topic, codecs)
  }
  const counts = await broker.partitionCounts([...outputs.keys()])
  const partitions = [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition): TopicPartition => ({ topic, partition })),
  )
  const read = new Map<TopicPartition, number>()
  for (const at of partitions) read.set(at, await broker.endOffset(at))
  while (!stop.aborted) {
    for (const [topic, codecs] of outputs) {
      const lines: string[] = []
      for (const at of partitions.filter(each => each.topic === topic)) {
        const { to, found } = await newRecords(broker, at, read.get(at) ?? 0, codecs)
        read.set(at, to)
        lines.push(...found)
      }
      for (const line of lines.slice(0, mostLines)) print(`${clock(Date.now())}  ${topic}  ${line}`)
      if (lines.length > mostLines) print(`${clock(Date.now())}  ${topic}  and ${lines.length - mostLines} more`)
    }
    await sleep(lookEveryMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

async function newRecords(
  broker: Broker,
  at: TopicPartition,
  from: number,
  { key, value }: Codecs,
): Promise<{ readonly to: number; readonly found: readonly string[] }> {
  const found: string[] = []
  try {
    const to = await broker.stableOffset(at)
    if (to > from)
      for await (const batch of broker.readPartition(at, from, to, 'pass'))
        for (let i = 0; i < batch.count; i++)
          found.push(`${shown(decodeKey(key, batch, i))}  ${shown(decodeValue(value, batch, i))}`)
    return { to, found }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    return { to: from, found }
  }
}
