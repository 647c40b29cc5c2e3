import { partitionList } from '../../../ops/partition-list'
import { search } from '../../../ops/search'
import { RecordShower, type ShownRecord } from '../../../ops/show-record'
import { parseWhere } from '../../../ops/where'
import type { SearchProgress } from '../../contract'
import { listedChars } from '../calls/message-calls'
import type { DecoderCache } from '../decoder-cache'
import type { Reach } from '../reach'
import type { Feed } from './feed'
import type { Wanted } from './wanted'

/** How often the search reports its progress, ms. */
const everyMs = 200
/** The most unreadable records that are named in one message. */
const maxFaults = 10

/** Looks through a topic. Hits aren't left out: while the client is slow the search waits. */
export function openSearch(
  reach: Reach,
  decoders: DecoderCache,
  wanted: Extract<Wanted, { kind: 'search' }>,
  changed: () => void,
  failed: (error: unknown) => void,
): Feed {
  const running = new RunningSearch(changed)
  run(reach, decoders, wanted, running).then(
    done => running.end(done),
    error => running.stop.signal.aborted || failed(error),
  )
  return running
}

class RunningSearch implements Feed {
  readonly stop = new AbortController()
  private readonly startedAt = performance.now()
  private hits: ShownRecord[] = []
  private faults: { what: string; records: number }[] = []
  private progress = { found: 0, scanned: 0, total: 0 }
  private done: SearchProgress['done'] = null
  private toldAt = Number.NEGATIVE_INFINITY
  private wake = () => {}

  constructor(private readonly changed: () => void) {}

  take(): SearchProgress {
    const { hits, faults, progress, done } = this
    this.hits = []
    this.faults = []
    this.wake()
    const elapsedMs = Math.round(performance.now() - this.startedAt)
    return { hits, ...progress, elapsedMs, done, unreadable: faults }
  }

  close(): void {
    this.stop.abort()
    this.wake()
  }

  hit(record: ShownRecord): void {
    this.hits.push(record)
  }

  fault(what: string, records: number): void {
    if (this.faults.length < maxFaults) this.faults.push({ what, records })
  }

  /** Resolves when the search may continue: at once, unless hits are waiting to be taken. */
  async report(progress: { found: number; scanned: number; total: number }): Promise<void> {
    this.progress = progress
    const now = performance.now()
    if (now - this.toldAt < everyMs && this.hits.length === 0) return
    this.toldAt = now
    this.changed()
    while (this.hits.length > 0 && !this.stop.signal.aborted) await new Promise<void>(resolve => (this.wake = resolve))
  }

  end(done: SearchProgress['done']): void {
    this.done = done
    this.changed()
  }
}

async function run(
  { cluster }: Reach,
  cache: DecoderCache,
  wanted: Extract<Wanted, { kind: 'search' }>,
  running: RunningSearch,
): Promise<SearchProgress['done']> {
  const { topic, filter, limit, from, keyFormat: key, valueFormat: value } = wanted
  const formats = { key, value }
  const decoders = cache.get(formats)
  const options = {
    ...{ topic, limit, from: parseWhere(from, Date.now()), readCommitted: !wanted.uncommitted },
    ...{
      signal: running.stop.signal,
      onUnreadable: (error: Error, records: number) => running.fault(error.message, records),
    },
    ...(filter === undefined || filter.trim() === '' ? {} : { filter }),
    ...(wanted.partitions === undefined ? {} : { partitions: partitionList(wanted.partitions) }),
  }
  let found = 0
  for await (const progress of search(cluster, options, decoders, facts => {
    const shower = new RecordShower(facts, decoders, formats, listedChars)
    return (batch, i) => running.hit(shower.show(batch, i))
  })) {
    found = progress.found
    await running.report(progress)
  }
  return found >= limit ? 'limit' : 'end'
}
