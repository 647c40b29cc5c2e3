import { keyText, valueText } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import { timesTopic } from '../../names'
import { parseState } from '../../state/state-codec'

/** What one partition of an application's times changelog holds, by name; nothing where the application has none. */
export class KeptTimes {
  private constructor(private readonly texts: ReadonlyMap<string, string>) {}

  /** What is committed now, whatever transaction is open; with a `to` beyond its end also what is still being committed there. */
  static async read(
    application: string,
    partition: number,
    broker: Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset'>,
    to?: number,
  ): Promise<KeptTimes> {
    const topic = timesTopic(application)
    const texts = new Map<string, string>()
    const count = (await broker.partitionCounts([topic])).get(topic) ?? 0
    if (partition >= count) return new KeptTimes(texts)
    const at = { topic, partition }
    const batches = broker.readPartition(at, 0, to ?? (await broker.stableOffset(at)))
    for await (const batch of batches)
      for (let i = 0; i < batch.count; i++) {
        const name = keyText(batch, i) ?? ''
        const value = valueText(batch, i)
        if (value === undefined) texts.delete(name)
        else texts.set(name, value)
      }
    return new KeptTimes(texts)
  }

  get isEmpty(): boolean {
    return this.texts.size === 0
  }

  /** Everything, as it is written. */
  get entries(): Iterable<readonly [name: string, text: string]> {
    return this.texts
  }

  get(name: string): unknown {
    const text = this.texts.get(name)
    return text === undefined ? undefined : parseState(text)
  }
}
