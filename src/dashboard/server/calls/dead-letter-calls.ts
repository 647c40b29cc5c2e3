import { topicFacts } from '../../../ops/consume'
import {
  deadLetterTopics,
  groupLetters,
  type LetterGroup,
  letterGroupId,
  newestLetters,
  topicOfGroup,
} from '../../../ops/dead-letters'
import { NotFoundError } from '../../../ops/errors'
import { prepare } from '../../../ops/record-json'
import { redrive } from '../../../ops/redrive'
import { RecordShower } from '../../../ops/show-record'
import type { DeadLetterGroup } from '../../contract'
import type { DecoderCache } from '../decoder-cache'
import type { Reach } from '../reach'
import { change } from './change'
import type { Handlers } from './handlers'
import { listedChars } from './message-calls'

type DeadLetterCalls = Pick<
  Handlers,
  'GET /api/dead-letters' | 'GET /api/dead-letters/:id' | 'POST /api/dead-letters/:id/redrive'
>

/** Letters of a topic that are looked at. */
const perTopic = 5_000
const formats = { key: 'auto', value: 'auto' } as const

export function deadLetterCalls(reach: Reach, decoders: DecoderCache): DeadLetterCalls {
  const { cluster, timeoutMs } = reach
  return {
    'GET /api/dead-letters': async ({ query: { application, topic } }) => {
      const signal = AbortSignal.timeout(timeoutMs)
      const found = await groupLetters(cluster, { perTopic, signal, ...(topic === undefined ? {} : { only: topic }) })
      const groups = found.groups.map(viewOf)
      const wanted = application === undefined ? groups : groups.filter(each => each.application === application)
      return { ...found, groups: wanted }
    },
    'GET /api/dead-letters/:id': async ({ params: { id }, query: { limit } }) => {
      const place = await placeOf(reach, id)
      const known = decoders.get(formats)
      const shower = new RecordShower(await topicFacts(cluster, place.topic), known, formats, listedChars)
      let left = limit
      const signal = AbortSignal.timeout(timeoutMs)
      const { letters } = await newestLetters(cluster, place, { perTopic, signal }, async batch => {
        await prepare(known, batch)
        return (i, facts) => (letterGroupId(place.topic, facts) === id ? shower.show(batch, i) : undefined)
      })
      const own = letters.filter(each => letterGroupId(place.topic, each.facts) === id)
      if (own.length === 0) throw new NotFoundError(`there is no dead letter of the group "${id}" any more`)
      return {
        group: viewOf({ ...place, id, letters: own, origin: own[0]?.facts.origin?.topic ?? place.origin }),
        letters: own.flatMap(({ facts, shown, redriven }) =>
          shown === undefined || left-- <= 0 ? [] : [{ ...facts, message: shown, redriven }],
        ),
      }
    },
    'POST /api/dead-letters/:id/redrive': async ({ params: { id }, body: { ids, confirm } }) => {
      const { origin: source } = await placeOf(reach, id)
      const options = { source, group: id, timeoutMs, ...(ids === undefined ? {} : { only: ids }) }
      // Where they go is in the letters.
      const plan = await redrive(cluster, { ...options, execute: false })
      return change(reach, {
        ...{ what: 'topic', name: plan.to, confirm },
        plan: () => plan,
        execute: () => redrive(cluster, { ...options, execute: true }),
      })
    },
  }
}

async function placeOf({ cluster }: Reach, id: string): Promise<{ readonly topic: string; readonly origin: string }> {
  const topic = topicOfGroup(id) ?? ''
  const origin = (await deadLetterTopics(cluster)).get(topic)
  if (origin === undefined) throw new NotFoundError(`there are no dead letters of the group "${id}"`)
  return { topic, origin }
}

function viewOf({ id, topic, origin, letters }: LetterGroup): DeadLetterGroup {
  const newest = letters[0]
  const times = letters.map(each => each.timestampMs)
  return {
    ...{ id, topic, origin, letters: letters.length },
    application: newest?.facts.application ?? '',
    step: newest?.facts.step ?? '',
    errorClass: newest?.facts.errorClass ?? '',
    errorMessage: newest?.facts.errorMessage ?? '',
    errorAt: newest?.facts.errorAt ?? null,
    redriven: letters.filter(each => each.redriven).length,
    firstMs: times.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY),
    lastMs: times.reduce((most, each) => Math.max(most, each), 0),
  }
}
