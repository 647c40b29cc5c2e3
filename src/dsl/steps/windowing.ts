import { TopologyError } from '../../errors'
import type { WindowStateful } from '../face/windowing'
import type { WindowAggregateSpec } from '../graph/aggregate-specs'
import { storeSpec } from '../graph/store-spec'
import { type Emit, leastRetention, type Windows } from '../graph/windows'
import { type Aggregation, named } from './aggregating'
import { checkStep } from './checked-step'
import type { StreamDraft, TableDraft } from './drafts'
import { addLateRecords, type TakeLate } from './late-records'

/** How groups are cut into windows. */
export interface Windowing {
  readonly windows: Windows
  readonly emit: Emit
}

/** Throws TopologyError for windows, or ways to emit, that don't exist. */
export function windowing(windows: Windows | undefined, options: { readonly emit?: Emit } = {}): Windowing {
  if (!['time', 'sliding', 'session'].includes(Object(windows).type))
    throw new TopologyError('windowedBy: give it windows, made by tumbling(), hopping(), sliding() or session()')
  checkStep('windowedBy', options, 'windowedBy')
  return { windows: windows as Windows, emit: options.emit ?? 'onUpdate' }
}

const kinds = { session: 'sessionAggregate', sliding: 'slidingAggregate', time: 'windowAggregate' } as const

/** Adds a windowed aggregation of one keyed stream, or of several cogrouped ones. */
export function windowAggregated(
  streams: readonly [StreamDraft, ...StreamDraft[]],
  { windows, emit }: Windowing,
  options: WindowStateful,
  { identity, spec }: Aggregation,
  late?: TakeLate,
): TableDraft {
  const { name, location } = options
  const store = {
    ...storeSpec(windows.type === 'session' ? 'session' : 'window', { name, location }),
    identity: `${JSON.stringify(windows)} ${identity}`,
  }
  const full: WindowAggregateSpec = { store: name, windows, emit, ...keptFor(options, windows), ...spec }
  const [{ builder, key }] = streams
  const parents = streams.map(({ node }) => node.id)
  const node = builder.add(kinds[windows.type], parents, full, named(store))
  addLateRecords(node, streams, late)
  return { kind: 'table', builder, node, key: { inner: key, windows }, windows }
}

/** How long the store keeps what has closed. */
function keptFor(options: WindowStateful, windows: Windows): Pick<WindowAggregateSpec, 'retentionMs' | 'historyMs'> {
  const { name, retentionMs, historyMs } = options
  if (historyMs === undefined) {
    if (retentionMs === undefined) return {}
    checkRetention(name, retentionMs, leastRetention(windows))
    return { retentionMs }
  }
  if (!Number.isSafeInteger(historyMs) || historyMs < 0)
    throw new TopologyError(`${name}: historyMs has to be a whole number of ms, 0 or more, and is ${historyMs}`)
  if (retentionMs !== undefined)
    throw new TopologyError(
      `${name}: retentionMs says already how long closed windows stay, and loses what it drops; give one of retentionMs and historyMs`,
    )
  return { historyMs }
}

function checkRetention(name: string, retentionMs: number, least: number): void {
  if (!Number.isSafeInteger(retentionMs) || retentionMs < least)
    throw new TopologyError(
      `${name}: retentionMs has to be a whole number of ms, at least ${least} for these windows, and is ${retentionMs}`,
    )
}
