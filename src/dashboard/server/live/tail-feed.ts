import { consume } from '../../../ops/consume'
import { partitionList } from '../../../ops/partition-list'
import { RecordShower, type ShownRecord } from '../../../ops/show-record'
import type { Tailed } from '../../contract'
import { listedChars } from '../calls/message-calls'
import type { DecoderCache } from '../decoder-cache'
import type { Reach } from '../reach'
import type { Feed } from './feed'
import type { Wanted } from './wanted'

/** How often new records are sent, ms. */
const everyMs = 250
/** The most records in one message, since nobody reads more: the rest is counted. */
const maxShown = 50
/** The same for the first message, when the page is still empty. */
const maxShownFirst = 500

/** Follows a topic. What comes too fast to be read is counted and not sent. */
export function openTail(
  reach: Reach,
  decoders: DecoderCache,
  wanted: Extract<Wanted, { kind: 'tail' }>,
  changed: () => void,
  failed: (error: unknown) => void,
): Feed {
  const tail = new Tail(changed)
  run(reach, decoders, wanted, tail).catch(error => tail.stop.signal.aborted || failed(error))
  return tail
}

class Tail implements Feed {
  readonly stop = new AbortController()
  private messages: ShownRecord[] = []
  private leftOut = 0
  private passed = 0
  private takenAt = performance.now()
  private readonly timer: NodeJS.Timeout
  private room = maxShownFirst

  constructor(private readonly changed: () => void) {
    this.timer = setInterval(() => {
      if (this.passed > 0) this.changed()
    }, everyMs)
    changed()
  }

  add(show: () => ShownRecord): void {
    this.passed++
    if (this.messages.length < this.room) this.messages.push(show())
    else this.leftOut++
  }

  take(): Tailed {
    const { messages, leftOut, passed } = this
    const now = performance.now()
    const perSecond = (passed * 1000) / Math.max(1, now - this.takenAt)
    this.messages = []
    this.leftOut = 0
    this.passed = 0
    this.takenAt = now
    this.room = maxShown
    const inOrder = messages.sort(
      (a, b) => a.timestampMs - b.timestampMs || a.partition - b.partition || a.offset - b.offset,
    )
    return { messages: inOrder, leftOut, perSecond: Math.round(perSecond * 10) / 10 }
  }

  close(): void {
    clearInterval(this.timer)
    this.stop.abort()
  }
}

async function run(
  { cluster }: Reach,
  cache: DecoderCache,
  wanted: Extract<Wanted, { kind: 'tail' }>,
  tail: Tail,
): Promise<void> {
  const { topic, filter, last, keyFormat: key, valueFormat: value } = wanted
  const formats = { key, value }
  const decoders = cache.get(formats)
  const partitions = wanted.partitions === undefined ? undefined : partitionList(wanted.partitions)
  const options = {
    ...{ topics: [topic], readCommitted: !wanted.uncommitted, signal: tail.stop.signal, onUnreadable: () => {} },
    ...{ from: last === 0 ? ('latest' as const) : { last } },
    ...(filter === undefined || filter.trim() === '' ? {} : { filter }),
    ...(partitions === undefined ? {} : { partitions }),
  }
  const following = consume(cluster, options, decoders, facts => {
    const shower = new RecordShower(facts, decoders, formats, listedChars)
    return (batch, i) => tail.add(() => shower.show(batch, i))
  })
  for await (const _ of following) await new Promise(resolve => setImmediate(resolve))
}
