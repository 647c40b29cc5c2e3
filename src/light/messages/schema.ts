import { type Codec, type Fields, type GivenOf, type ReadOf, structure, type Wire } from './fields'

export {
  array,
  boolean,
  bytes,
  int8,
  int16,
  int32,
  int64,
  NO_ID,
  nullableArray,
  nullableRecords,
  nullableString,
  nullableStruct,
  string,
  struct,
  uuid,
} from './fields'

interface Head {
  readonly key: number
  readonly name: string
  /** The first and the last version that the light broker speaks. */
  readonly versions: readonly [first: number, last: number]
  /** The first flexible version (KIP-482). */
  readonly flexible?: number
}

/** One API of Kafka's protocol in all versions that the light broker speaks: the fields of its request and of its response. */
export interface Api<Q extends Fields, A extends Fields> extends Head {
  readonly request: Codec<ReadOf<Q>, GivenOf<Q>>
  readonly response: Codec<ReadOf<A>, GivenOf<A>>
  wire(version: number): Wire
}

/** A request as it is read. */
export type RequestOf<T> = T extends Api<infer Q, infer _A> ? ReadOf<Q> : never
/** A response as a handler gives it: what has a default may be left out. */
export type ResponseOf<T> = T extends Api<infer _Q, infer A> ? GivenOf<A> : never

/**
 * The fields are those of Kafka's own message definitions (`clients/src/main/resources/common/message`, Apache License 2.0) without
 * tagged ones, which no client has to be sent.
 */
export function api<Q extends Fields, A extends Fields>(head: Head, request: Q, response: A): Api<Q, A> {
  const { flexible = Number.MAX_SAFE_INTEGER } = head
  return {
    ...head,
    request: structure(request),
    response: structure(response),
    wire: version => ({ version, flexible: version >= flexible }),
  }
}
