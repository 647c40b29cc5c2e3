import type { Broker } from '../../connectors/broker'
import { timesTopic } from '../../names'
import { parseState } from '../../state/state-codec'

/** What one partition of an application's times changelog holds, by name; nothing where the application has none. */
export class KeptTimes {
  private constructor(private readonly texts: ReadonlyMap<string, string>) {}

  /** As it is committed now; with a `to` beyond its end also what is still being committed there. */
  static async read(
    application: string,
    partition: number,
    broker: Pick<Broker, 'partitionCounts' | 'readPartition'>,
    to?: number,
  ): Promise<KeptTimes> {
    const topic = timesTopic(application)
    const texts = new Map<string, string>()
    const count = (await broker.partitionCounts([topic])).get(topic) ?? 0
    if (partition >= count) return new KeptTimes(texts)
    const batches = broker.readPartition({ topic, partition }, 0, to)
    for await (const { buffer, count, keyStart, keyEnd, valueStart, valueEnd } of batches)
      for (let i = 0; i < count; i++) {
        const name = buffer.toString('utf8', keyStart[i]!, keyEnd[i]!)
        if (valueStart[i]! < 0) texts.delete(name)
        else texts.set(name, buffer.toString('utf8', valueStart[i]!, valueEnd[i]!))
      }
    return new KeptTimes(texts)
  }

  get isEmpty(): boolean {
    return this.texts.size === 0
  }

  get(name: string): unknown {
    const text = this.texts.get(name)
    return text === undefined ? undefined : parseState(text)
  }
}
