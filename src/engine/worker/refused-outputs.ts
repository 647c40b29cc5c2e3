import { createHash } from 'node:crypto'
import { ContentError, type RefusedOutput } from '../../errors'

/** Records for Kafka that its topics don't take, by what they are: who made them isn't known, and they come again when their cause does. */
export class RefusedOutputs {
  private readonly known = new Map<string, ContentError>()

  /** False where nothing of it is new. */
  add(cause: ContentError): boolean {
    const { size } = this.known
    for (const { topic, record, words } of cause.outputs) {
      const key = keyOf(topic, record)
      if (!this.known.has(key))
        this.known.set(key, new ContentError(`topic ${topic} does not take it: ${words}`, { cause }))
    }
    return this.known.size > size
  }

  refusalOf(topic: string, record: RefusedOutput['record']): ContentError | undefined {
    return this.known.size === 0 ? undefined : this.known.get(keyOf(topic, record))
  }

  clear(): void {
    this.known.clear()
  }
}

/** Not its partition: records without a key go to another one each time. */
function keyOf(topic: string, { key, value, timestamp }: RefusedOutput['record']): string {
  const hash = createHash('sha256').update(`${topic} ${timestamp} ${key?.length ?? -1} ${value?.length ?? -1} `)
  if (key !== null) hash.update(key)
  if (value !== null) hash.update(value)
  return hash.digest('base64')
}
