import type { NodeKind } from '../dsl/graph'
import { aggregate } from './aggregate'
import { branch } from './branch'
import { filter } from './filter'
import { flatMap } from './flat-map'
import { flatMapValues } from './flat-map-values'
import { foreignKeyAnswer } from './foreign-key-answer'
import { foreignKeyResult } from './foreign-key-result'
import { foreignKeySubscribe } from './foreign-key-subscribe'
import { late } from './late'
import { map } from './map'
import { mapValues } from './map-values'
import { merge } from './merge'
import type { Compile } from './operator'
import { peek } from './peek'
import { pipe } from './pipe'
import { process } from './process'
import { repartition } from './repartition'
import { selectKey } from './select-key'
import { sessionAggregate } from './session-aggregate'
import { sink } from './sink'
import { slidingAggregate } from './sliding-aggregate'
import { streamGlobalJoin } from './stream-global-join'
import { streamJoin } from './stream-join'
import { streamTableJoin } from './stream-table-join'
import { suppress } from './suppress'
import { tableAggregate } from './table-aggregate'
import { tableFilter } from './table-filter'
import { tableGroupBy } from './table-group-by'
import { tableJoin } from './table-join'
import { tableMapValues } from './table-map-values'
import { tableSource } from './table-source'
import { to } from './to'
import { toStream } from './to-stream'
import { versionedTable } from './versioned-table'
import { windowAggregate } from './window-aggregate'

/** How each kind of step becomes an RxJS operator. Sources have none: the task, or the worker's global state, is their source. */
export const operators: { [K in Exclude<NodeKind, 'source' | 'globalSource'>]: Compile<K> } = {
  aggregate,
  branch,
  filter,
  flatMap,
  flatMapValues,
  foreignKeyAnswer,
  foreignKeyResult,
  foreignKeySubscribe,
  late,
  map,
  mapValues,
  merge,
  peek,
  pipe,
  process,
  repartition,
  selectKey,
  sessionAggregate,
  sink,
  slidingAggregate,
  streamGlobalJoin,
  streamJoin,
  streamTableJoin,
  suppress,
  tableAggregate,
  tableFilter,
  tableGroupBy,
  tableJoin,
  tableMapValues,
  tableSource,
  to,
  toStream,
  versionedTable,
  windowAggregate,
}
