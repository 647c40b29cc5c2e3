import { performance } from 'node:perf_hooks'
import { MemoryRegistry } from '../src/codecs/memory-registry'
import { readConfig } from '../src/config'
import { createCluster, createProducer, ensureTopics } from '../src/connectors/kafka'
import { createBroker } from '../src/connectors/kafka/kafka-broker'
import type { OutputRecord } from '../src/connectors/ledger'
import { planOf } from '../src/engine/plan/plan'
import { systemClock } from '../src/engine/task/clock'
import { bindCodecs } from '../src/engine/task/codec-book'
import { restoreTasks } from '../src/engine/worker/restorer'
import { log } from '../src/log'
import { changelogTopic, timesTopic } from '../src/names'
import { encodeState, stateText } from '../src/state/state-codec'
import { median, origin } from './harness/report'
import { type Services, startServices } from './harness/services'
import { taskOf } from './micro/bare-task'
import job from './topology-job'

const records = 1_000_000
const partitions = 4
const chunk = 20_000

/** A changelog as the job leaves it: one record a window, several windows a key. */
async function fill(services: Services, topic: string): Promise<void> {
  const producer = createProducer(services.kafka)
  for (let from = 0; from < records; from += chunk * partitions) {
    const sends = Array.from({ length: partitions }, (_, partition) => {
      const batch: OutputRecord[] = []
      for (let i = from + partition; i < Math.min(records, from + chunk * partitions); i += partitions) {
        const key = Buffer.from(stateText([String(i % 100_000), Math.floor(i / 100_000) * 10_000]))
        batch.push({ key, value: encodeState([[100, 20.5, 39.5, 3000.25, 100], i]), timestamp: Date.now() })
      }
      return producer.send(topic, partition, batch)
    })
    await Promise.all(sends)
  }
  await producer.close()
}

/** `npm run bench -- restore`. */
export async function restore({ rounds }: { readonly rounds: number }): Promise<unknown> {
  const services = await startServices()
  try {
    const rates = await measureRates(services, rounds)
    const { heading, ...about } = origin()
    const listed = (of: (rate: Rate) => number) =>
      rates.map(rate => Math.round(of(rate)).toLocaleString('en-US')).join(', ')
    const lines = [
      `restore, records/s: ${listed(({ perS }) => perS)}`,
      `records a CPU second of this process: ${listed(({ perCpuS }) => perCpuS)}`,
    ]
    return { text: [heading, ...lines].join('\n\n'), ...about, rates }
  } finally {
    await services.stop()
  }
}

/** Restores a changelog of a million windows from Kafka by the engine's own restorer; records/s, the median of three. */
export const measureRestore = async (services: Services): Promise<number> =>
  median((await measureRates(services, 3)).map(({ perS }) => perS))

/** Of one restore, records a second: by the clock, and of the CPU that this process used, which other work on the machine changes less. */
interface Rate {
  readonly perS: number
  readonly perCpuS: number
}

async function measureRates(services: Services, rounds: number): Promise<Rate[]> {
  const application = 'bench-restore'
  const plan = planOf({ ...job, name: application })
  const [part] = plan.subTopologies
  const store = part!.stores[0]!.name
  const cluster = createCluster(services.kafka)
  const topics = [changelogTopic(application, store), timesTopic(application)]
  await ensureTopics(cluster, [...topics.map(topic => ({ topic, partitions }))])
  await cluster.disconnect()
  await fill(services, topics[0]!)
  const config = readConfig({ ...process.env, ...services.environment })
  const broker = createBroker({ ...config.kafka, ...config, application })
  // Nothing is decoded but state.
  const codecs = await bindCodecs(plan.topology, new MemoryRegistry(), { onFault: () => undefined })
  const rates: Rate[] = []
  for (let i = 0; i < rounds; i++) {
    const tasks = Array.from({ length: partitions }, (_, partition) => taskOf(plan, part!, codecs, { partition }))
    const startedAt = performance.now()
    const before = process.cpuUsage()
    const count = await restoreTasks(tasks, broker, systemClock, log, () => false)
    const { user, system } = process.cpuUsage(before)
    rates.push({
      perS: (count / (performance.now() - startedAt)) * 1000,
      perCpuS: (count / (user + system)) * 1e6,
    })
  }
  await broker.close()
  return rates
}
