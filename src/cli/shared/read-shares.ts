import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../../connectors/broker'
import { vitalsTopic } from '../../names'
import { ApplicationBook } from '../../vitals/application-book'
import { parseVitals } from '../../vitals/parse-vitals'
import { type Shares, sharesOf } from '../../vitals/shares'
import { withBroker } from './engine-broker'
import type { Call } from './verb'

/** A worker tells how it is once a second. */
const nextWordsMs = 1_500

type Vitals = Pick<Broker, 'partitionCounts' | 'startOffset' | 'readPartition'>

/** What the workers of an application say of their tasks; undefined where it has no vitals. */
export function readShares(application: string, kafka: Call['kafka']): Promise<Shares | undefined> {
  return withBroker(application, kafka, async broker => {
    const topic = vitalsTopic(application)
    if (((await broker.partitionCounts([topic])).get(topic) ?? 0) === 0) return undefined
    const book = new ApplicationBook(application)
    const at = { topic, partition: 0 }
    const end = await take(broker, book, at, await broker.startOffset(at), false)
    // Whoever looks silent may only have another clock: what comes now says how far it is ahead.
    if (book.view(Date.now()).workers.some(({ presence }) => presence === 'lost')) {
      await sleep(nextWordsMs)
      await take(broker, book, at, end, true)
    }
    return sharesOf(book.view(Date.now()))
  })
}

async function take(
  broker: Vitals,
  book: ApplicationBook,
  at: { readonly topic: string; readonly partition: number },
  from: number,
  isFresh: boolean,
): Promise<number> {
  let next = from
  for await (const { buffer, count, valueStart, valueEnd, nextOffset } of broker.readPartition(at, from)) {
    for (let i = 0; i < count; i++) {
      const start = valueStart[i] ?? -1
      const record = start < 0 ? undefined : parseVitals(buffer.subarray(start, valueEnd[i]))
      if (record?.application === book.name) book.take(record, Date.now(), isFresh)
    }
    next = nextOffset
  }
  return next
}
