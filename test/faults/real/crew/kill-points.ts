import type { Slot } from './slot'

const requests = [
  ...['Produce', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn', 'Fetch', 'Heartbeat'],
  ...['JoinGroup', 'SyncGroup', 'InitProducerId', 'OffsetFetch', 'ListOffsets'],
]

/** A moment of a worker's life at which it may be killed. */
export interface KillPoint {
  readonly name: string
  /** Whether it comes while records flow; else a worker has to begin, or a rebalance to come. */
  readonly isSteady: boolean
  /** Calls `strike` once when the moment comes, and then stands aside. */
  arm(slot: Slot, strike: () => void): void
}

const rare = new Set(['JoinGroup', 'SyncGroup', 'InitProducerId', 'OffsetFetch', 'ListOffsets'])

const atRequests: readonly KillPoint[] = requests.flatMap(name =>
  (['before', 'after'] as const).map(kind => ({
    name: `${name} ${kind}`,
    isSteady: !rare.has(name),
    arm(slot: Slot, strike: () => void) {
      slot.kafka.meddle = request => {
        if (request.name !== name) return 'pass'
        slot.kafka.meddle = undefined
        return { kind, strike }
      }
    },
  })),
)

const COMMIT = Buffer.from('COMMIT')

/** Postgres gets the COMMIT and nobody hears of it, or doesn't get it. */
const atCommits: readonly KillPoint[] = (['before', 'after'] as const).map(moment => ({
  name: `Postgres COMMIT ${moment}`,
  isSteady: true,
  arm(slot, strike) {
    slot.postgres.watch = bytes => {
      if (!bytes.includes(COMMIT)) return 'pass'
      slot.postgres.watch = undefined
      if (moment === 'before') strike()
      // Once it is written the kernel delivers it.
      else setTimeout(strike, 1)
      return moment === 'before' ? 'lose' : 'pass'
    }
  },
}))

const [PUBLISH, SHORTEST] = [3, 64]

const atMessages: KillPoint = {
  name: 'MQTT PUBLISH',
  isSteady: true,
  arm(slot, strike) {
    slot.mqtt.watch = bytes => {
      if (bytes.length < SHORTEST || (bytes[0] ?? 0) >> 4 !== PUBLISH) return 'pass'
      slot.mqtt.watch = undefined
      // Half of what was to be sent is.
      setTimeout(strike, 0)
      return 'pass'
    }
  },
}

export const killPoints: readonly KillPoint[] = [...atRequests, ...atCommits, atMessages]
