import { setTimeout as sleep } from 'node:timers/promises'
import {
  createCluster,
  createGroup,
  createReader,
  newTransactionalId,
  openTransactionalLedger,
  rangeAssignor,
} from '../../src/connectors/kafka'
import type { CommittedOffset, Ledger, Membership, Output } from '../../src/connectors/ledger'
import type { Batch, TopicPartition } from '../../src/connectors/source'
import { FencedError } from '../../src/errors'

/** Copies a topic into another in many small transactions; its parent kills it. Prints a line for each commit. */
const [broker, groupId, from, to] = process.argv.slice(2) as [string, string, string, string]
const cluster = createCluster({ brokers: [broker], clientId: 'copy' })
const reader = createReader({ cluster, maxBytesPerPartition: 4_000 })
const transactionalId = newTransactionalId(groupId)
let turn = 0
let working: Promise<void> = Promise.resolve()
let ready = () => {}
reader.onReady = () => ready()
reader.onError = error => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

async function work(partitions: readonly TopicPartition[], membership: Membership): Promise<void> {
  const mine = ++turn
  while (turn === mine) {
    let ledger: Ledger | undefined
    try {
      ledger = await openTransactionalLedger({ cluster, groupId, transactionalId }, membership, partitions)
      for (const start of ledger.starts) reader.seek(start, start.offset ?? 0)
      process.stdout.write(`opened ${partitions.length}\n`)
      while (turn === mine) {
        const { offsets, outputs } = collect(partitions)
        if (offsets.length === 0) await nap()
        else {
          await ledger.commit(offsets, outputs)
          process.stdout.write('committed\n')
        }
      }
    } catch (error) {
      process.stderr.write(`${(error as Error).name}: ${(error as Error).message}\n`)
      if (error instanceof FencedError) turn++
      else await sleep(100)
    } finally {
      await ledger?.close()
    }
  }
}

function collect(partitions: readonly TopicPartition[]): { offsets: CommittedOffset[]; outputs: Output[] } {
  const offsets: CommittedOffset[] = []
  const outputs: Output[] = []
  for (const at of partitions) {
    const batch = reader.take(at)
    if (batch === undefined) continue
    offsets.push({ topic: from, partition: at.partition, offset: batch.nextOffset, metadata: 'copied' })
    outputs.push({ topic: to, partition: at.partition, records: copy(batch) })
  }
  return { offsets, outputs }
}

function copy(batch: Batch) {
  return Array.from({ length: batch.count }, (_, i) => ({
    key: batch.buffer.subarray(batch.keyStart[i], batch.keyEnd[i]),
    value: batch.buffer.subarray(batch.valueStart[i], batch.valueEnd[i]),
    timestamp: batch.timestamps[i]!,
  }))
}

function nap(): Promise<unknown> {
  return Promise.race([sleep(100), new Promise<void>(resolve => (ready = resolve))])
}

async function letGo(): Promise<void> {
  turn++
  await working
}

createGroup({
  cluster,
  groupId,
  topics: () => [from],
  assignor: rangeAssignor,
  sessionTimeoutMs: 6_000,
  onRevoke: letGo,
  onAssigned: (assignment, membership) => {
    working = working.then(() => work(assignment.partitions, membership))
  },
  onLost: () => {
    turn++
  },
})
