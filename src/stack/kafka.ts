import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms, requireJava } from './downloads'
import { freePort } from './ports'
import { probeKafka } from './probes'
import { type Launch, runToEnd } from './processes'
import type { Service } from './service'

const settings = (data: string, port: number, controller: number): Record<string, string | number> => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controller}`,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': data,
  // One node: whatever is replicated by default has one replica here.
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 10,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 10,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // A first member need not wait for others.
  'group.initial.rebalance.delay.ms': 0,
  // A killed worker's transaction is aborted soon after its timeout, not up to 10 s later.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
  'auto.create.topics.enable': 'false',
  // After a kill the node may register again when its former session is over.
  'broker.session.timeout.ms': 6000,
  'broker.heartbeat.interval.ms': 1000,
  'num.recovery.threads.per.data.dir': 2,
})

/** KRaft's cluster id: 16 random bytes as URL-safe base64, without a leading dash, which the tool would read as an option. */
const clusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A')

const heap = ['-Xms256m', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

/** Apache Kafka 4.1 in KRaft mode: one node that is broker and controller. */
export const kafka: Service = {
  name: 'kafka',
  stopSignal: 'SIGTERM',
  require: requireJava,
  async prepare({ port }, { home, taken, signal, progress, log }): Promise<Launch> {
    const programs = await javaPrograms(signal, progress)
    const [data, config] = [join(home, 'kafka'), join(home, 'kafka.properties')]
    const lines = Object.entries(settings(data, port, await freePort(new Set([port, ...taken]))))
    mkdirSync(home, { recursive: true })
    writeFileSync(config, `${lines.map(([name, value]) => `${name}=${value}`).join('\n')}\n`)
    const logging = `-Dlog4j2.configurationFile=${join(__dirname, 'kafka-log4j2.properties')}`
    const java = [...heap, '-Djava.awt.headless=true', logging, '-cp', join(programs.kafka, '*')]
    // The mark is written last: without it the folder is a format that was interrupted, and holds nothing yet.
    const mark = join(data, 'formatted')
    if (!existsSync(mark)) {
      progress('formatting its storage')
      rmSync(data, { recursive: true, force: true })
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', config]
      await runToEnd({ command: programs.java, args: [...java, ...format] }, signal, log)
      writeFileSync(mark, '')
    }
    return { command: programs.java, args: [...java, 'kafka.Kafka', config], cwd: home }
  },
  probe: ({ port }) => probeKafka(port),
}
