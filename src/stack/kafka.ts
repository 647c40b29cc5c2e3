import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms, requireJava } from './downloads'
import { clusterOf, dataOf, markOf, nodeId, votersOf } from './kafka-cluster'
import { writePrivate } from './private-file'
import { probeKafka } from './probes'
import { type Launch, runToEnd } from './processes'
import type { Service, ServicePorts } from './service'
import type { BrokerName } from './state'

/** What is kept of each record where there are so many brokers: three copies, of which two have to be in sync, so that one may be lost. */
const replication = (brokers: number) => ({ copies: brokers, inSync: brokers === 1 ? 1 : 2 })

function settings(
  name: BrokerName,
  data: string,
  brokers: ReadonlyMap<BrokerName, ServicePorts>,
): Record<string, string | number> {
  const { copies, inSync } = replication(brokers.size)
  const { port, controllerPort } = brokers.get(name) ?? {}
  return {
    'process.roles': 'broker,controller',
    'node.id': nodeId(name),
    'controller.quorum.voters': votersOf(brokers),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 10,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 10,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    // A first member need not wait for others.
    'group.initial.rebalance.delay.ms': 0,
    // A killed worker's transaction is aborted soon after its timeout, not up to 10 s later.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    'auto.create.topics.enable': 'false',
    // After a kill the node may register again when its former session is over.
    'broker.session.timeout.ms': 6000,
    'broker.heartbeat.interval.ms': 1000,
    'num.recovery.threads.per.data.dir': 2,
  }
}

const heap = ['-Xms256m', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

/** What a broker has beside its usual settings. */
export interface BrokerExtras {
  settings(ports: ServicePorts): Readonly<Record<string, string>>
  readonly javaOptions: readonly string[]
  /** Of the formatting of its storage. They may hold secrets. */
  readonly formatOptions: readonly string[]
}
const noExtras: BrokerExtras = { settings: () => ({}), javaOptions: [], formatOptions: [] }

/** A word in a file of arguments for Java's launcher. */
const quoted = (word: string): string => `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A broker of Apache Kafka 4.4 in KRaft mode, which is a controller too. */
export const broker = (name: BrokerName, extrasOf: () => BrokerExtras = () => noExtras): Service => ({
  name,
  stopSignal: 'SIGTERM',
  require: requireJava,
  async prepare(ports, { home, brokers, signal, progress, log }): Promise<Launch> {
    const extras = extrasOf()
    const cluster = clusterOf(home, brokers.size === 1 ? 1 : 3)
    const programs = await javaPrograms(signal, progress)
    const [data, config] = [dataOf(home, name), join(home, `${name}.properties`)]
    mkdirSync(home, { recursive: true })
    const all = { ...settings(name, data, brokers), ...extras.settings(ports) }
    const lines = Object.entries(all).map(([key, value]) => `${key}=${value}`)
    writePrivate(config, `${lines.join('\n')}\n`)
    const logging = `-Dlog4j2.configurationFile=${join(__dirname, 'kafka-log4j2.properties')}`
    const java = [...heap, ...extras.javaOptions, '-Djava.awt.headless=true', logging, '-cp', join(programs.kafka, '*')]
    const mark = markOf(home, name)
    if (!existsSync(mark)) {
      progress('formatting its storage')
      rmSync(data, { recursive: true, force: true })
      const format = ['kafka.tools.StorageTool', 'format', '-t', cluster.id, '-c', config, ...extras.formatOptions]
      await runByFile(programs.java, [...java, ...format], `${config}.format`, signal, log)
      writePrivate(mark, '')
    }
    return { command: programs.java, args: [...java, 'kafka.Kafka', config], cwd: home }
  },
  probe: ({ port }) => probeKafka(port),
})

/** Runs Java with arguments that nobody else sees: its launcher reads them from a file. */
async function runByFile(
  java: string,
  args: readonly string[],
  file: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  writePrivate(file, args.map(quoted).join('\n'))
  try {
    await runToEnd({ command: java, args: [`@${file}`] }, signal, log)
  } finally {
    rmSync(file, { force: true })
  }
}
