import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Reading, reading } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import { SchemaMissing } from '../../src/codecs/codec'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { text } from '../../src/codecs/text'
import { createCluster, partitionOf, readPartition, topicPartitions } from '../../src/connectors/kafka'
import type { FleetReport } from '../../src/sensors/simulator/fleet'
import { startFleet } from '../../src/sensors/simulator/fleet'
import type { ChildMessage, ParentMessage } from '../../src/sensors/simulator/fleet-messages'
import { startFleetProcess } from '../../src/sensors/simulator/fleet-process'
import type { Stack } from '../../src/stack/stack'
import { readState } from '../../src/stack/state'
import { until } from './kafka-stack'
import { laneHome, laneServices } from './services'
import { root } from './stack-homes'

let stack: Stack
let to: { kafka: { brokers: string[] }; registryUrl: string }

beforeAll(async () => {
  stack = await laneServices(['kafka', 'registry'])
  to = { kafka: { brokers: stack.addresses.kafkaBrokers.split(',') }, registryUrl: stack.addresses.registryUrl }
})

interface Logged {
  readonly key: string | null
  readonly value: Reading
  readonly timestamp: number
}

/** Everything that a topic holds, decoded, by partition. */
async function logOf(topic: string): Promise<Logged[][]> {
  const cluster = createCluster({ ...to.kafka, clientId: 'test' })
  const context = { topic, use: 'read', registry: new ConfluentRegistry({ url: to.registryUrl }) } as const
  const [keys, values] = [
    await text.bind({ ...context, part: 'key' }),
    await avro(reading, { json: true }).bind({ ...context, part: 'value' }),
  ]
  const log: Logged[][] = []
  try {
    const count = (await topicPartitions(cluster, topic)) ?? 0
    for (let partition = 0; partition < count; partition++) {
      const records: Logged[] = []
      log.push(records)
      for await (const batch of readPartition({ cluster }, { topic, partition })) {
        for (let i = 0; i < batch.count; i++) {
          const decode = () => values.decode(batch.buffer, batch.valueStart[i]!, batch.valueEnd[i]!)
          let value: Reading
          try {
            value = decode()
          } catch (error) {
            if (!(error instanceof SchemaMissing)) throw error
            await values.load?.(error.id)
            value = decode()
          }
          const key = keys.decode(batch.buffer, batch.keyStart[i]!, batch.keyEnd[i]!)
          records.push({ key, value, timestamp: batch.timestamps[i]! })
        }
      }
    }
  } finally {
    await cluster.disconnect()
  }
  return log
}

function expectComplete(log: Logged[][], report: FleetReport): void {
  expect(log.map(records => records.length)).toEqual(report.partitions)
  const names = log.flat().map(({ value }) => `${value.sensor_id}@${value.timestamp}`)
  expect(new Set(names).size).toBe(report.readings)
  expect(names).toHaveLength(report.readings + report.duplicates)
}

test('the log holds exactly what was acknowledged, with all kinds of faults', async () => {
  const faults = { late: 0.05, lateByMs: 20_000, duplicates: 0.03, outOfOrder: 0.05, seed: 7 }
  const report = await startFleet({ ...to, ...faults, topic: 'faulty', sensors: 500, rate: 'max', count: 50_000 }).done
  const log = await logOf('faulty')
  expect(log).toHaveLength(10)
  expectComplete(log, report)
  for (const [partition, records] of log.entries()) {
    for (const { key, value } of records) {
      expect(key).toBe(String(value.sensor_id))
      expect(partitionOf(key, 10)).toBe(partition)
    }
  }
  const late = new Set(log.flat().filter(({ value, timestamp }) => value.timestamp / 1000 < timestamp - 19_000))
  expect(new Set([...late].map(({ value }) => `${value.sensor_id}@${value.timestamp}`)).size).toBe(report.late)
})

test('JSON without keys goes to all partitions in turn', async () => {
  const options = { topic: 'plain', json: true, keyed: false, sensors: 20, rate: 'max', count: 1000 } as const
  const report = await startFleet({ ...to, ...options }).done
  const log = await logOf('plain')
  expectComplete(log, report)
  expect(report.partitions).toEqual(new Array(10).fill(100))
  expect(log.flat().every(({ key }) => key === null)).toBe(true)
})

test('in a process of its own; a restart of Kafka in between loses and repeats nothing', async () => {
  const fleet = startFleetProcess({ ...to, topic: 'restarted', sensors: 200, rate: 20 })
  await until(() => fleet.counters.acknowledged > 2000, 'the first readings')
  await stack.restart('kafka', { signal: 'SIGKILL' })
  const before = fleet.counters.acknowledged
  await until(() => fleet.counters.acknowledged > before + 4000, 'readings after the restart')
  const report = await fleet.stop()
  expect(report.acknowledged).toBe(report.readings)
  expectComplete(await logOf('restarted'), report)
})

test('without its parent it ends by itself, even when the broker has ended too', async () => {
  const child = fork(join(root, 'bin/run.mjs'), ['src/sensors/simulator/fleet-child.ts'], { cwd: root })
  try {
    let acknowledged = 0
    child.on('message', ({ counters }: ChildMessage) => (acknowledged = counters?.acknowledged ?? acknowledged))
    child.send({ start: { ...to, topic: 'orphaned', sensors: 200, rate: 20 } } satisfies ParentMessage)
    await until(() => acknowledged > 2000, 'the first readings')
    await stack.stopService('kafka', { signal: 'SIGKILL' })
    child.disconnect()
    await until(() => child.exitCode !== null || child.signalCode !== null, 'its end')
  } finally {
    child.kill('SIGKILL')
    await stack.startService('kafka')
  }
})

/** `ended` tells code and signal once all that was printed is here. */
function cli(...args: string[]): { child: ChildProcess; output: () => string; ended: Promise<unknown[]> } {
  let output = ''
  const env = {
    ...process.env,
    KAFKA_BROKERS: stack.addresses.kafkaBrokers,
    SCHEMA_REGISTRY_URL: stack.addresses.registryUrl,
  }
  const child = spawn(process.execPath, [join(root, 'bin/run.mjs'), 'src/sensors/programs/simulate.ts', ...args], {
    cwd: root,
    env,
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (output += part))
  return { child, output: () => output, ended: once(child, 'close') }
}

test('the command flushes on Ctrl-C and prints what was acknowledged', async () => {
  const { child, output, ended } = cli('--sensors', '50', '--rate', '20', '--topic', 'interrupted')
  await until(async () => (await logOf('interrupted').catch(() => [])).flat().length > 500, 'readings')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  const acknowledged = /^acknowledged +([\d,]+) records/m.exec(output())?.[1]?.replaceAll(',', '')
  expect((await logOf('interrupted')).flat()).toHaveLength(Number(acknowledged))
})

test('the second of the two signals that npm makes of a Ctrl-C does not cut the flush short; a later one does', async () => {
  const kafka = readState(laneHome()).kafka!.pid!
  const args = ['--sensors', '50', '--rate', '20', '--topic', 'twice']
  // Kafka answers again once it has ended, and else after `heldMs`.
  const interrupted = async (laterMs: number, heldMs: number) => {
    const { child, output, ended } = cli(...args)
    const before = (await logOf('twice').catch(() => [])).flat().length
    await until(async () => (await logOf('twice').catch(() => [])).flat().length > before + 200, 'readings')
    process.kill(kafka, 'SIGSTOP')
    try {
      await pause(300)
      child.kill('SIGINT')
      await pause(laterMs)
      child.kill('SIGINT')
      await Promise.race([ended, pause(heldMs)])
    } finally {
      process.kill(kafka, 'SIGCONT')
    }
    return { code: await ended, said: output() }
  }
  expect(await interrupted(100, 300)).toEqual({
    code: [0, null],
    said: expect.stringMatching(/^acknowledged +[\d,]+ records/m),
  })
  expect(await interrupted(2_500, 5_000)).toEqual({
    code: [130, null],
    said: expect.stringMatching(/ records are acknowledged, of [1-9][\d,]* it is not known/),
  })
})

test('a duration holds what it should; wrong options exit 2 and name every fault', async () => {
  const { output, ended } = cli('--sensors', '100', '--rate', '10', '--duration', '1s', '--topic', 'timed')
  expect(await ended).toEqual([0, null])
  expect(output()).toMatch(/^acknowledged +1,000 records/m)
  const wrong = cli('--rate', '0', '--late', '3')
  expect(await wrong.ended).toEqual([2, null])
  expect(wrong.output()).toMatch(/^simulate: rate must be .*; late must be .*\n$/)
})

test('a Kafka that is down at the start is waited for', async () => {
  await stack.stopService('kafka')
  const fleet = startFleet({ ...to, topic: 'patient', sensors: 10, rate: 10, count: 50 })
  await new Promise(resolve => setTimeout(resolve, 1500))
  expect(fleet.counters.readings).toBe(0)
  await stack.startService('kafka')
  expect(await fleet.done).toMatchObject({ acknowledged: 50 })
})
