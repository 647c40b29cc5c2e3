import { type HeaderList, headersFrom } from '../header-lists'

/** Who wrote a letter and why, by its headers; texts are empty where it doesn't say. */
export interface LetterFacts {
  readonly application: string
  readonly task: string
  readonly step: string
  readonly errorClass: string
  readonly errorMessage: string
  /** The place in the author's code. */
  readonly errorAt: string | null
  readonly stack: string | null
  /** Null for a result that no single record has caused. */
  readonly origin: {
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly timestampMs: number
  } | null
  /** It was too large to be kept whole. */
  readonly cut: boolean
}

/** The headers of a letter in two: its record's as they came, and behind them weir's own, of which this is the first. */
const firstOwn = 'weir.application'

function partsOf(headers: HeaderList): { readonly record: HeaderList; readonly own: HeaderList } {
  const at = headers.findLastIndex(([name]) => name === firstOwn)
  return { record: headers.slice(0, Math.max(0, at)), own: at < 0 ? [] : headers.slice(at) }
}

/** The headers that a letter's record came with, in their order. */
export const recordHeaders = (headers: HeaderList): HeaderList => partsOf(headers).record

/** A letter by its headers: weir's own, not what a producer has called like them. */
export function letterFacts(list: HeaderList): LetterFacts {
  const headers = headersFrom(partsOf(list).own)
  const text = (name: string) => headers[`weir.${name}`]?.toString('utf8') ?? ''
  const number = (name: string) => Number(text(name))
  const topic = text('origin.topic')
  const isCut = ['key.length', 'value.length', 'headers.length'].some(name => headers[`weir.${name}`] !== undefined)
  return {
    ...{ application: text('application'), task: text('task'), step: text('step') },
    ...{ errorClass: text('error.class'), errorMessage: text('error.message') },
    ...{ errorAt: text('error.at') || null, stack: text('error.stack') || null, cut: isCut },
    origin:
      topic === ''
        ? null
        : {
            ...{ topic, partition: number('origin.partition'), offset: number('origin.offset') },
            timestampMs: number('origin.timestamp'),
          },
  }
}
