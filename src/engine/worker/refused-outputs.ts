import { createHash } from 'node:crypto'
import { ContentError, type RefusedOutput } from '../../errors'
import type { JudgedOutput } from '../task/verdicts'

/** Records for Kafka that its topics don't take, by what they are: who made them isn't known, and they come again when their cause does. */
export class RefusedOutputs {
  private readonly known = new Map<string, ContentError>()

  /** False where nothing of it is new. */
  add(cause: ContentError): boolean {
    const { size } = this.known
    for (const { topic, record, words, isForTime } of cause.outputs) {
      const refusal = new ContentError(`topic ${topic} does not take it: ${words}`, { cause })
      const keys = [keyOf(topic, record), ...(isForTime ? [] : [keyOf(topic, { ...record, timestamp: anyTime })])]
      for (const key of keys) if (!this.known.has(key)) this.known.set(key, refusal)
    }
    return this.known.size > size
  }

  /** Without a timestamp: whatever it is. */
  refusalOf(topic: string, { key, value, timestamp = anyTime }: JudgedOutput): ContentError | undefined {
    return this.known.size === 0 ? undefined : this.known.get(keyOf(topic, { key, value, timestamp }))
  }

  clear(): void {
    this.known.clear()
  }
}

const anyTime = Number.NaN

/** Not its partition: records without a key go to another one each time. */
function keyOf(topic: string, { key, value, timestamp }: RefusedOutput['record']): string {
  const hash = createHash('sha256').update(`${topic} ${timestamp} ${key?.length ?? -1} ${value?.length ?? -1} `)
  if (key !== null) hash.update(key)
  if (value !== null) hash.update(value)
  return hash.digest('base64')
}
