import type {
  CogroupedKStream,
  GlobalKTable,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  WindowedCogroupedKStream,
  WindowedKStream,
} from '../face/streams'
import type { Members } from '../steps/cogrouping'
import type { GlobalTableDraft, StreamDraft, TableDraft } from '../steps/drafts'
import type { TableGrouping } from '../steps/grouped-tables'
import type { Grouping } from '../steps/grouping'
import type { Windowing } from '../steps/windowing'

/** Makes what the author holds from what is known of it. The fluent classes know one another by this alone. */
export interface Faces {
  stream<K, V>(draft: StreamDraft): KStream<K, V>
  table<K, V>(draft: TableDraft): KTable<K, V>
  globalTable<K, V>(draft: GlobalTableDraft): GlobalKTable<K, V>
  groupedStream<K, V>(grouping: Grouping): KGroupedStream<K, V>
  windowedStream<K, V, W>(grouping: Grouping, windowing: Windowing): WindowedKStream<K, V, W>
  cogroupedStream<K, A>(members: Members): CogroupedKStream<K, A>
  windowedCogroupedStream<K, A, W>(members: Members, windowing: Windowing): WindowedCogroupedKStream<K, A, W>
  groupedTable<K, V>(grouping: TableGrouping): KGroupedTable<K, V>
}

type Draft = StreamDraft | TableDraft | GlobalTableDraft | Grouping

/** What is behind each stream and table that an author holds: kept beside them, so that they show nothing but their methods. */
const drafts = new WeakMap<object, Draft>()

export function remember(face: object, draft: Draft): void {
  drafts.set(face, draft)
}

/** What is behind `face`, if it is of this kind; undefined for anything else. */
export function draftOf<Kind extends Draft['kind']>(
  face: unknown,
  ...kinds: readonly Kind[]
): Extract<Draft, { kind: Kind }> | undefined {
  const draft = typeof face === 'object' && face !== null ? drafts.get(face) : undefined
  return draft !== undefined && isOf(draft, kinds) ? draft : undefined
}

function isOf<Kind extends Draft['kind']>(
  draft: Draft,
  kinds: readonly Kind[],
): draft is Extract<Draft, { kind: Kind }> {
  return kinds.some(kind => kind === draft.kind)
}
