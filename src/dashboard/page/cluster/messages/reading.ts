import type { MessageFormat } from '../../../contract'
import type { Query } from '../../lib/url-state'

/** What of a topic is looked at, and how, as its address says. */
export interface Reading {
  /** A page of it, a search through it, or what arrives. */
  readonly mode: 'browse' | 'search' | 'follow'
  /** `latest`, `earliest`, an offset, or `@` with a time. */
  readonly from: string
  /** Newest first, or in the order of reading. */
  readonly direction: 'older' | 'newer'
  readonly cursor: string | undefined
  readonly filter: string
  readonly partitions: string | undefined
  readonly keyFormat: MessageFormat
  readonly valueFormat: MessageFormat
  readonly uncommitted: boolean
}

export const formats = [
  ...(['auto', 'avro', 'json', 'text'] as const),
  ...(['short', 'int', 'long', 'float', 'double', 'base64', 'hex'] as const),
]

/** Whatever somebody has typed into the address, it is something that can be asked for. */
export function readingOf(query: Query): Reading {
  const { follow, filter = '', partitions } = query
  const from = query.from ?? 'latest'
  const formatOf = (text: string | undefined): MessageFormat => formats.find(each => each === text) ?? 'auto'
  return {
    mode: follow !== undefined ? 'follow' : filter !== '' ? 'search' : 'browse',
    from,
    direction: query.direction === 'newer' || from !== 'latest' ? 'newer' : 'older',
    cursor: query.cursor,
    filter,
    partitions: partitions !== undefined && /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(partitions) ? partitions : undefined,
    keyFormat: formatOf(query.key),
    valueFormat: formatOf(query.value),
    uncommitted: query.uncommitted === 'true',
  }
}

/** What `from` is, for people: the parts of it that are typed apart. */
export type Start = 'latest' | 'earliest' | 'offset' | 'time'

export function startOf(from: string): Start {
  if (from === 'earliest' || from === 'latest') return from
  return from.startsWith('@') ? 'time' : 'offset'
}

/** The part of a reading that searching, following and browsing have in common, as the API takes it. */
export function howToRead({ partitions, keyFormat, valueFormat }: Reading) {
  return { ...(partitions === undefined ? {} : { partitions }), keyFormat, valueFormat }
}
