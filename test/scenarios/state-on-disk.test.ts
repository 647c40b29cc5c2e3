import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProducer, ensureTopics, partitionOf, readPartition } from '../../src/connectors/kafka'
import { removeTopics } from '../../src/connectors/kafka/topics'
import { changelogTopic } from '../../src/names'
import { committedOffsets, endsOf } from '../../src/sensors/audit/run-start'
import { until } from './kafka-stack'
import counting, { input, output } from './world/counts-on-disk'
import { moments } from './world/random'
import { TopologyProcess } from './world/topology-process'
import { pause, World } from './world/world'

const partitions = 2
const keys = 20_000
const rounds = 12
const changelog = changelogTopic(counting.name, 'counts')

let world: World
const stateDir = mkdtempSync(join(tmpdir(), 'weir-state-'))
const workers: TopologyProcess[] = []
beforeAll(async () => {
  world = await World.open()
  await ensureTopics(
    world.cluster,
    [input, output].map(topic => ({ topic, partitions })),
  )
})
afterAll(async () => {
  await Promise.all(workers.filter(({ running }) => running).map(worker => worker.stop()))
  await world.close()
  rmSync(stateDir, { recursive: true })
})

function startWorker(folder = stateDir): TopologyProcess {
  const args = ['test/scenarios/world/counts-on-disk.ts']
  const worker = new TopologyProcess(
    {
      ...world.environment,
      ...{ STATE_DIR: folder, COMMIT_INTERVAL_MS: '50', NUM_STANDBY_REPLICAS: '1', METRICS_PORT: '0' },
    },
    args,
  )
  workers.push(worker)
  return worker
}

/** One record of every key. */
async function produceRound(): Promise<void> {
  const producer = createProducer(world.cluster.config)
  const records = Array.from({ length: partitions }, (): Parameters<typeof producer.send>[2][number][] => [])
  // The present: the topics delete what is older than a week.
  const timestamp = Date.now()
  for (let key = 0; key < keys; key++) {
    const bytes = Buffer.from(`key-${key}`)
    records[partitionOf(bytes, partitions)]!.push({ key: bytes, value: Buffer.from('1'), timestamp })
  }
  await Promise.all(records.map((each, partition) => producer.send(input, partition, each)))
  await producer.close()
}

async function processed(): Promise<void> {
  const ends = await endsOf(world.cluster, input, partitions)
  await until(
    async () => {
      const committed = await committedOffsets(world.cluster, counting.name, input, partitions)
      return ends.every((end, partition) => committed[partition]! >= end)
    },
    () => `everything to be processed; the last worker has logged\n${workers.at(-1)!.lines.join('\n')}\n`,
  )
}

/** The last count of each key, and how many there were in all. */
async function counts(): Promise<{ last: Map<string, number>; records: number }> {
  const last = new Map<string, number>()
  let records = 0
  // To the very ends: a transaction is acknowledged a little before its markers are in all partitions.
  for (const [partition, end] of (await endsOf(world.cluster, output, partitions)).entries())
    for await (const { buffer, count, keyStart, keyEnd, valueStart, valueEnd } of readPartition(
      { cluster: world.cluster },
      { topic: output, partition },
      0,
      end,
    ))
      for (let i = 0; i < count; i++, records++)
        last.set(
          buffer.toString('utf8', keyStart[i]!, keyEnd[i]!),
          Number(buffer.toString('utf8', valueStart[i]!, valueEnd[i]!)),
        )
  return { last, records }
}

/** What all restores of a worker read, what the copies on disk had and lacked, and of how many tasks. */
function restored({ lines }: TopologyProcess): { read: number; kept: number; lacked: number; tasks: number } {
  const sum = { read: 0, kept: 0, lacked: 0, tasks: 0 }
  for (const line of lines) {
    const found =
      /restored (\d+) records for (\d+) tasks in \d+ ms(?:; copies on disk had (\d+) offsets already, and lacked (\d+))?/.exec(
        line,
      )
    if (found === null) continue
    sum.read += Number(found[1])
    sum.tasks += Number(found[2])
    sum.kept += Number(found[3] ?? 0)
    sum.lacked += Number(found[4] ?? 0)
  }
  return sum
}

/** Resolves when it has restored every task: one that was killed has its share until it is missed. */
async function hasAll(worker: TopologyProcess): Promise<ReturnType<typeof restored>> {
  await until(
    () => restored(worker).tasks >= partitions,
    () => `all tasks; it has logged\n${worker.lines.join('\n')}\n`,
  )
  return restored(worker)
}

it('counts right while it is killed, and starts again by reading the tail of its changelog alone', async () => {
  const { between } = moments('kills of a store on disk')
  let worker = startWorker()
  await worker.working()
  for (let round = 0; round < rounds; round++) {
    // The last commit of a slow machine has all that it finds: no more than one round.
    if (round === rounds - 1) await processed()
    await produceRound()
    if (round % 4 !== 1) continue
    await pause(between(0, 600))
    worker.kill('SIGKILL')
    await worker.exited
    worker = startWorker()
    await worker.working()
  }
  await processed()
  worker.kill('SIGKILL')
  await worker.exited
  worker = startWorker()
  await worker.working()
  const { last, records } = await counts()
  expect(new Set(last.values())).toEqual(new Set([rounds]))
  expect([last.size, records]).toEqual([keys, keys * rounds])
  const length = (await endsOf(world.cluster, changelog, partitions)).reduce((sum, end) => sum + end, 0)
  expect(length).toBeGreaterThan(keys * 3)
  const { read, kept, lacked } = await hasAll(worker)
  // All but what was committed and not yet written when the worker was killed; the times are read in full.
  expect(kept).toBeGreaterThan(length * 0.8)
  expect(read).toBeLessThan(length * 0.2)
  // Of the stores' own changelogs the last commits alone, however large the state is.
  expect(lacked).toBeLessThanOrEqual(keys)

  // A second worker on the machine takes the first one's copies over, and goes on from them.
  const second = startWorker()
  await second.logged(/generation \d+: tasks 0_\d/)
  await second.working()
  await produceRound()
  await pause(between(0, 400))
  worker.kill('SIGKILL')
  await worker.exited
  await processed()
  const after = await counts()
  expect(new Set(after.last.values())).toEqual(new Set([rounds + 1]))
  expect(after.records).toBe(keys * (rounds + 1))
  expect((await hasAll(second)).read).toBeLessThan(length * 0.4)

  // A worker with a folder of its own, as on another machine, has followed into it and goes on from there.
  const elsewhere = mkdtempSync(join(tmpdir(), 'weir-state-'))
  const third = startWorker(elsewhere)
  await third.logged(/generation \d+: tasks 0_\d/)
  await third.working()
  await until(
    async () => (await third.metric('weir_standby_lag_records')).some(([, lag]) => lag === 0),
    () => `a standby to have all of its task; it has logged\n${third.lines.join('\n')}\n`,
  )
  second.kill('SIGKILL')
  await second.exited
  expect((await hasAll(third)).kept).toBeGreaterThan(length * 0.4)
  await third.stop()
  rmSync(elsewhere, { recursive: true })

  // A changelog that was deleted and made anew is another: nothing of the copies may come back.
  await removeTopics(world.cluster, [changelog])
  await ensureTopics(world.cluster, [{ topic: changelog, partitions, configs: { 'cleanup.policy': 'compact' } }])
  const fourth = startWorker()
  await fourth.working()
  expect(fourth.lines.filter(line => line.includes('the copy on disk is of no use, it was of another'))).toHaveLength(
    partitions,
  )
  expect((await hasAll(fourth)).kept).toBe(0)
})
