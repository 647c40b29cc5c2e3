import { readCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { openTransactionalLedger } from '../../../src/connectors/kafka/write/transactional-ledger'
import type { Ledger, Output } from '../../../src/connectors/ledger'
import type { StreamError } from '../../../src/errors'
import { log } from '../../../src/log'
import { ACluster } from './a-cluster'
import { OwnTime } from './own-time'

export const member = { groupId: 'g', memberId: 'm', generationId: 3 }
export const partitions = [0, 1].map(partition => ({ topic: 'in', partition }))
export const offsets = [{ topic: 'in', partition: 0, offset: 8, metadata: 'mine' }]
export const record = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 5 }
export const output = (topic: string, partition: number): Output => ({ topic, partition, records: [record] })
export const outputs = [output('out', 0), output('out', 1), output('out', 0)]

/** What a test of a ledger has: a cluster that says yes, in a time of its own. */
export class LedgerScene {
  time = new OwnTime()
  kafka = new ACluster()

  begin(): void {
    this.time = new OwnTime().install()
    jest.spyOn(log, 'warn').mockImplementation(() => undefined)
    this.kafka = new ACluster()
    this.kafka.topics.set('in', { partitions: 2 }).set('out', { partitions: 2 })
  }

  open(more: object = {}): Promise<Ledger> {
    const options = { cluster: this.kafka.cluster, groupId: 'g', transactionalId: 'g-1', ...more }
    return openTransactionalLedger(options, member, partitions)
  }

  /** A ledger, after whose opening nothing was asked. */
  async opened(more: object = {}): Promise<Ledger> {
    const ledger = await this.open(more)
    this.kafka.asked.length = 0
    return ledger
  }

  /** How transactions were ended: committed or not. */
  get ends(): boolean[] {
    return this.kafka.requests('EndTxn').map(({ committed }) => committed)
  }

  /** The offsets that transactions have noted: where, which, and the mark. */
  get noted(): object[] {
    return this.kafka.requests('TxnOffsetCommit').flatMap(({ topics }) =>
      topics.flatMap(({ name, partitions: each }: any) =>
        each.map(({ partitionIndex, committedOffset, committedMetadata }: any) => ({
          ...{ topic: name, partition: partitionIndex, offset: committedOffset, ...readCommitter(committedMetadata) },
        })),
      ),
    )
  }
}

export const errorOf = (call: Promise<unknown>): Promise<StreamError> =>
  call.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: StreamError) => error,
  )
