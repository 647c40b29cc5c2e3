import { CogroupedStream, WindowedCogroupedStream } from './cogrouped-stream'
import type { Faces } from './faces'
import { GlobalTable } from './global-table'
import { GroupedStream, WindowedStream } from './grouped-stream'
import { GroupedTable } from './grouped-table'
import { Stream } from './stream'
import { Table } from './table'

/** The one place that knows all the fluent classes. */
export const allFaces: Faces = {
  stream: draft => new Stream(draft, allFaces),
  table: draft => new Table(draft, allFaces),
  globalTable: draft => new GlobalTable(draft),
  groupedStream: grouping => new GroupedStream(grouping, allFaces),
  windowedStream: (grouping, windowing) => new WindowedStream(grouping, windowing, allFaces),
  cogroupedStream: members => new CogroupedStream(members, allFaces),
  windowedCogroupedStream: (members, windowing) => new WindowedCogroupedStream(members, windowing, allFaces),
  groupedTable: grouping => new GroupedTable(grouping, allFaces),
}
