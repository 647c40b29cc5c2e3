import type { Mistake } from './mistakes'

/** What is said of a call that another has to come before, by the compiler as by the step itself. */
export const groupStream = 'a stream is grouped before that: call groupByKey() or groupBy() first'
export const groupTable = 'a table is grouped before that: call groupBy() first'
export const changesFirst = 'a table is written as the stream of its changes: call toStream() first'

type GroupStream = Mistake<typeof groupStream>
type GroupTable = Mistake<typeof groupTable>

/** What may be given to a call that isn't possible. Whatever it is, the message is about the call. */
type Anything = string | number | object | ((...values: any[]) => any)

declare module './streams' {
  interface KStream<K, V> {
    /** @deprecated Stands on a grouped stream: call groupByKey() or groupBy() first. */
    count(this: GroupStream, ...options: Anything[]): never
    /** @deprecated Stands on a grouped stream: call groupByKey() or groupBy() first. */
    reduce(this: GroupStream, ...options: Readonly<Record<string, Anything>>[]): never
    /** @deprecated Stands on a grouped stream: call groupByKey() or groupBy() first. */
    aggregate(this: GroupStream, ...options: Readonly<Record<string, Anything>>[]): never
    /** @deprecated Stands on a grouped stream: call groupByKey() or groupBy() first. */
    windowedBy(this: GroupStream, ...options: Anything[]): never
  }
  interface KTable<K, V> {
    /** @deprecated Stands on a grouped table: call groupBy() first. */
    count(this: GroupTable, ...options: Anything[]): never
    /** @deprecated Stands on a grouped table: call groupBy() first. */
    reduce(this: GroupTable, ...options: Readonly<Record<string, Anything>>[]): never
    /** @deprecated Stands on a grouped table: call groupBy() first. */
    aggregate(this: GroupTable, ...options: Readonly<Record<string, Anything>>[]): never
    /** @deprecated Stands on a stream: call toStream() first. */
    to(this: Mistake<typeof changesFirst>, ...options: Anything[]): never
  }
}
