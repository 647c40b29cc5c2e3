import type { NodeKind } from '../dsl/nodes'
import { aggregate } from './aggregate'
import { branch } from './branch'
import { filter } from './filter'
import { flatMap } from './flat-map'
import { flatMapValues } from './flat-map-values'
import { map } from './map'
import { mapValues } from './map-values'
import { merge } from './merge'
import type { Compile } from './operator'
import { peek } from './peek'
import { pipe } from './pipe'
import { process } from './process'
import { repartition } from './repartition'
import { selectKey } from './select-key'
import { sink } from './sink'
import { to } from './to'
import { toStream } from './to-stream'
import { windowAggregate } from './window-aggregate'

/** How each kind of step becomes an RxJS operator. A source has none: the task is its own source. */
export const operators: { [K in Exclude<NodeKind, 'source'>]?: Compile<K> } = {
  aggregate,
  branch,
  filter,
  flatMap,
  flatMapValues,
  map,
  mapValues,
  merge,
  peek,
  pipe,
  process,
  repartition,
  selectKey,
  sink,
  to,
  toStream,
  windowAggregate,
}
