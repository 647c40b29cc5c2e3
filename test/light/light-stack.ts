import { setTimeout as sleep } from 'node:timers/promises'
import { LightKafka, type LightOptions } from '../../src/light/light-kafka'
import { realClock } from '../../src/light/world/real-clock'
import { tcp } from '../../src/light/world/tcp'
import type { OwnKafka } from '../scenarios/kafka-stack'

/** A light Kafka on TCP. What it has to say of a client's bytes is thrown when it stops. */
export async function startLight(
  options: Partial<LightOptions> = {},
): Promise<OwnKafka & { readonly light: LightKafka }> {
  const faults: string[] = []
  const light = await LightKafka.start({
    clock: realClock,
    network: tcp,
    onFault: text => faults.push(text),
    ...options,
  })
  return {
    light,
    config: { brokers: light.brokers, clientId: 'test' },
    async restart({ downMs = 0 } = {}) {
      await light.stop(1)
      await sleep(downMs)
      await light.restart(1)
    },
    async stop() {
      await light.close()
      if (faults.length > 0) throw new Error(faults.join('\n'))
    },
  }
}
