import { ContentError, type Position, SinkError, type StreamError, UnfitError } from '../../errors'
import type { FrameChunk, Numbering } from './frame-encoder'
import { brokerAt, service } from './mqtt-client'
import type { MqttTarget } from './mqtt-target'
import { type Refusal, refusalOf } from './reason-codes'

/** Frames of QoS 1 that were sent together, in the order of the window. */
interface Span {
  readonly from: number
  readonly to: number
  /** The index in the chunk of the frame that was publish number `from`. */
  readonly first: number
  readonly chunk: FrameChunk
  readonly numbering: Numbering
  readonly target: MqttTarget
}

interface Refused {
  readonly nth: number
  readonly target: MqttTarget
  readonly refusal: Refusal
  readonly topic: string
  readonly position: Position
}

/** What to do where a right is missing. */
export const adviceFor = ({ topic }: MqttTarget) => `give the user of MQTT_URL the right to publish to ${topic}`

/** So many refusals are kept: the first ones show what is wrong. */
const mostKept = 1_000

/** What the broker has answered to publishes of QoS 1, by record. */
export class Refusals {
  private readonly spans: Span[] = []
  private refused: Refused[] = []
  /** Publishes before this one were made before the sink was opened again: nobody waits for them. */
  private since = 0

  constructor(
    private readonly task: string,
    private readonly url: string,
  ) {}

  /** `count` frames of a chunk, from the `first`, are sent as the publishes from `from` on. */
  sent(target: MqttTarget, chunk: FrameChunk, numbering: Numbering, first: number, from: number, count: number): void {
    this.spans.push({ from, to: from + count, first, chunk, numbering, target })
  }

  /** The broker has answered publish `nth`; those before `proven` are all answered. */
  answered(nth: number, proven: number, code: number, words: string | undefined): void {
    const span = this.spans.find(({ from, to }) => nth >= from && nth < to)
    if (span !== undefined) {
      if (code < 128) span.target.rules.hasAccepted = true
      else this.refuse(span, nth, refusalOf(code, words))
    }
    while (this.spans[0] !== undefined && this.spans[0].to <= proven) this.spans.shift()
  }

  /** Names the record and the target of publish `nth`; undefined where it is none of a record, or isn't sent. */
  recordAt(nth: number): string | undefined {
    const span = this.spans.find(({ from, to }) => nth >= from && nth < to)
    if (span === undefined) return undefined
    const { topic, partition, offset } = positionOf(span, nth)
    return `${topic} ${partition} ${offset} ${span.target.name}`
  }

  /** Forgets what was sent so far, since it is written again. */
  forget(sent: number): void {
    this.since = sent
    this.refused = []
  }

  /** The refusals of publishes before `end` that weren't taken yet, as one error. */
  take(end: number): StreamError | undefined {
    const all = this.refused.filter(({ nth }) => nth < end)
    if (all.length > 0) this.refused = this.refused.filter(({ nth }) => nth >= end)
    const first = all.find(({ refusal }) => refusal.blame === 'passing') ?? all[0]
    if (first === undefined) return undefined
    const { target, refusal, topic, position } = first
    const { task, url } = this
    const more = all.length > 1 ? ` (and ${all.length - 1} more)` : ''
    const text = `${brokerAt(url)}: it refuses a message to ${topic}${more}: ${refusal.text}`
    const others = all.flatMap(each => (each !== first && isOfRecord(each) ? [this.contentOf(each)] : []))
    if (refusal.blame === 'content') return new ContentError(text, { task, position, others })
    if (refusal.blame !== 'rights') return new SinkError(text, { task, service })
    if (!target.rules.hasAccepted) return new UnfitError(`${text}; ${adviceFor(target)}`, { task, service })
    // It applies to all messages for the topic: from now on they are refused while they are encoded.
    for (const each of all) if (each.refusal.blame === 'rights') each.target.rules.refuse(each.topic, each.refusal.text)
    return new ContentError(text, { task, position, others })
  }

  private contentOf({ topic, refusal, position }: Refused): ContentError {
    const text = `${brokerAt(this.url)}: it refuses a message to ${topic}: ${refusal.text}`
    return new ContentError(text, { task: this.task, position })
  }

  private refuse(span: Span, nth: number, refusal: Refusal): void {
    const { target, chunk, numbering, first, from } = span
    const i = first + nth - from
    const id = numbering.ids[i] ?? 0
    const start = i === 0 ? 0 : (chunk.ends[i - 1] ?? 0)
    const topic = topicAt(chunk.frames, start, id)
    if (nth < this.since || this.refused.length >= mostKept) return
    this.refused.push({ nth, target, refusal, topic, position: positionOf(span, nth) })
  }
}

/** Not of the broker's moment, nor of a right that a whole target lacks. */
const isOfRecord = ({ refusal: { blame }, target: { rules } }: Refused) =>
  blame === 'content' || (blame === 'rights' && rules.hasAccepted)

/** Of the record that publish `nth` is of. */
function positionOf({ numbering: { topics, partition, offsets }, first, from }: Span, nth: number): Position {
  const i = first + nth - from
  return { topic: topics[i] ?? '', partition, offset: offsets[i] ?? 0 }
}

/** The topic of the frame that begins at `start`; it ends before the packet identifier. */
function topicAt(frames: Buffer, start: number, id: number): string {
  let at = start + 1
  while ((frames[at] ?? 0) > 127) at++
  return frames.toString('utf8', at + 3, id)
}
