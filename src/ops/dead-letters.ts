import { createHash } from 'node:crypto'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { type LetterFacts, letterFacts } from '../connectors/letter-headers'
import { deadLetterTopic, redrivenTopic } from '../names'
import { browse } from './browse'
import type { Cluster } from './cluster'
import { scan } from './scan'
import { partitionsOf, requireTopic } from './topics'
import { locate } from './where'

/** A dead letter, without its key and value. */
export interface Letter {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly facts: LetterFacts
  readonly redriven: boolean
}

/** Letters of the same application, step and error, whose records were read from the same topic. */
export interface LetterGroup {
  /** Says which it is, to whom lists them again. */
  readonly id: string
  /** Of dead letters. */
  readonly topic: string
  /** That the bad records were read from: the author's, or an internal one between two steps. */
  readonly origin: string
  /** The newest first. */
  readonly letters: readonly Letter[]
}

export interface LetterGroups {
  readonly groups: readonly LetterGroup[]
  /** The topics of dead letters that there are. */
  readonly topics: readonly string[]
  readonly looked: number
  /** All letters of these topics were looked at, not only the newest. */
  readonly all: boolean
}

/** The dead letters of the topics that there are, each with its origin: names are made, never read. */
export async function deadLetterTopics(cluster: Cluster): Promise<Map<string, string>> {
  const names = (await cluster.allTopics()).map(each => each.topic)
  const known = new Set(names)
  return new Map(
    names.filter(name => known.has(deadLetterTopic(name))).map(name => [deadLetterTopic(name), name] as const),
  )
}

/** A letter with what `show` makes of it. */
export interface ShownLetter<T> extends Letter {
  readonly shown: T | undefined
}

export interface LettersOptions {
  /** The newest of each topic are looked at. */
  readonly perTopic: number
  /** Only this topic of dead letters. */
  readonly only?: string
  readonly signal?: AbortSignal
}

/** The newest `perTopic` letters of each topic of dead letters, or of `only` that one, by application, step, error and the topic that they were read from; the group of the latest letter first. */
export async function groupLetters(cluster: Cluster, options: LettersOptions): Promise<LetterGroups> {
  const all = await deadLetterTopics(cluster)
  const groups = new Map<string, LetterGroup & { readonly letters: Letter[] }>()
  let [looked, isAll] = [0, true]
  for (const [topic, origin] of all) {
    if (options.only !== undefined && topic !== options.only) continue
    const page = await newestLetters(cluster, { topic, origin }, options, async () => () => undefined)
    isAll &&= page.all
    looked += page.letters.length
    for (const letter of page.letters) {
      const id = letterGroupId(topic, letter.facts)
      const group = groups.get(id) ?? { id, topic, origin: letter.facts.origin?.topic ?? origin, letters: [] }
      groups.set(id, group)
      group.letters.push(letter)
    }
  }
  const latest = ({ letters }: LetterGroup) => letters[0]?.timestampMs ?? 0
  return {
    groups: [...groups.values()].sort((a, b) => latest(b) - latest(a)),
    topics: [...all.keys()],
    ...{ looked, all: isAll },
  }
}

/**
 * The letters of one topic, the newest first. `prepare` is awaited for each batch, and gives what shows one of its records.
 */
export async function newestLetters<T>(
  cluster: Cluster,
  { topic, origin }: { readonly topic: string; readonly origin: string },
  { perTopic, signal }: LettersOptions,
  prepare: (batch: ConsumedBatch) => Promise<(i: number, facts: LetterFacts) => T | undefined>,
): Promise<{ readonly letters: readonly ShownLetter<T>[]; readonly all: boolean }> {
  const redriven = await redrivenOf(cluster, origin)
  const { id } = await requireTopic(cluster, topic)
  const page = await browse(
    cluster,
    {
      ...{ partitions: await partitionsOf(cluster, topic), from: 'latest', direction: 'older', limit: perTopic },
      ...{ readCommitted: true, onUnreadable: () => {}, ...(signal === undefined ? {} : { signal }) },
    },
    async batch => {
      const show = await prepare(batch)
      return Array.from({ length: batch.count }, (_, i) => {
        const letter = letterOf(batch, i, id, redriven)
        return { ...letter, shown: show(i, letter.facts) }
      })
    },
  )
  return { letters: [...page.records].reverse(), all: page.older === undefined }
}

/** The same for letters that differ in numbers and quoted values alone. */
export function letterGroupId(topic: string, facts: LetterFacts): string {
  const { application, step, errorClass, errorMessage, origin } = facts
  const form = errorMessage.replace(/"[^"]*"|'[^']*'|\d+/g, '#').slice(0, 300)
  const hash = createHash('sha256')
    .update(JSON.stringify([application, step, errorClass, form, origin?.topic]))
    .digest('hex')
  return `${topic}~${hash.slice(0, 20)}`
}

/** The topic of dead letters of a group; undefined for what is no group's id. */
export const topicOfGroup = (id: string): string | undefined => /^([A-Za-z0-9._-]+)~[0-9a-f]{20}$/.exec(id)?.[1]

/** The places of letters that were sent again, as `letterPlace` has them. */
export async function redrivenOf(cluster: Cluster, origin: string): Promise<Set<string>> {
  const marks = redrivenTopic(origin)
  const found = new Set<string>()
  const isThere = (await cluster.metadata([marks]))[0]?.errorCode === 0
  if (!isThere) return found
  const bounds = await locate(cluster, await partitionsOf(cluster, marks), 'earliest', true)
  const ranges = bounds.map(({ topic, partition, from, last }) => ({ topic, partition, from, to: last }))
  for await (const batch of scan(cluster, ranges)) {
    for (let i = 0; i < batch.count; i++) found.add(batch.buffer.toString('utf8', batch.keyStart[i], batch.keyEnd[i]))
  }
  return found
}

/** Where a letter is, over the lives of its topic: one that is made anew begins at offset 0 again. */
export const letterPlace = (topicId: string, partition: number, offset: number) => `${topicId}:${partition}:${offset}`

function letterOf(batch: ConsumedBatch, i: number, topicId: string, redriven: ReadonlySet<string>): Letter {
  const { partition } = batch
  const offset = batch.offsets[i] ?? -1
  return {
    ...{ partition, offset, timestampMs: batch.timestamps[i] ?? -1, facts: letterFacts(batch.headerList(i)) },
    redriven: redriven.has(letterPlace(topicId, partition, offset)),
  }
}
