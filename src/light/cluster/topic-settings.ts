import type { LogRules } from '../log/log-rules'

/** Types of settings, as DescribeConfigs numbers them. */
export const SettingType = { BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 } as const

interface Setting {
  readonly usual: string
  readonly type: number
  /** What it may be, where that is a short list. */
  readonly values?: readonly string[]
}

const { BOOLEAN, STRING, INT, LONG, DOUBLE, LIST } = SettingType
const WEEK_MS = '604800000'
const DAY_MS = '86400000'
const HOUR_MS = '3600000'
const EVER = '9223372036854775807'

/** The settings of a topic with Kafka 4's defaults (kafka.apache.org/documentation/#topicconfigs). Some say nothing to a log in memory. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  'cleanup.policy': { usual: 'delete', type: LIST, values: ['delete', 'compact'] },
  'compression.type': {
    usual: 'producer',
    type: STRING,
    values: ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
  },
  'compression.gzip.level': { usual: '-1', type: INT },
  'compression.lz4.level': { usual: '9', type: INT },
  'compression.zstd.level': { usual: '3', type: INT },
  'delete.retention.ms': { usual: DAY_MS, type: LONG },
  'file.delete.delay.ms': { usual: '60000', type: LONG },
  'flush.messages': { usual: EVER, type: LONG },
  'flush.ms': { usual: EVER, type: LONG },
  'follower.replication.throttled.replicas': { usual: '', type: LIST },
  'index.interval.bytes': { usual: '4096', type: INT },
  'leader.replication.throttled.replicas': { usual: '', type: LIST },
  'local.retention.bytes': { usual: '-2', type: LONG },
  'local.retention.ms': { usual: '-2', type: LONG },
  'max.compaction.lag.ms': { usual: EVER, type: LONG },
  'max.message.bytes': { usual: '1048588', type: INT },
  'message.timestamp.after.max.ms': { usual: HOUR_MS, type: LONG },
  'message.timestamp.before.max.ms': { usual: EVER, type: LONG },
  'message.timestamp.type': { usual: 'CreateTime', type: STRING, values: ['CreateTime', 'LogAppendTime'] },
  'min.cleanable.dirty.ratio': { usual: '0.5', type: DOUBLE },
  'min.compaction.lag.ms': { usual: '0', type: LONG },
  'min.insync.replicas': { usual: '1', type: INT },
  preallocate: { usual: 'false', type: BOOLEAN },
  'remote.log.copy.disable': { usual: 'false', type: BOOLEAN },
  'remote.log.delete.on.disable': { usual: 'false', type: BOOLEAN },
  'remote.storage.enable': { usual: 'false', type: BOOLEAN },
  'retention.bytes': { usual: '-1', type: LONG },
  'retention.ms': { usual: WEEK_MS, type: LONG },
  'segment.bytes': { usual: '1073741824', type: INT },
  'segment.index.bytes': { usual: '10485760', type: INT },
  'segment.jitter.ms': { usual: '0', type: LONG },
  'segment.ms': { usual: WEEK_MS, type: LONG },
  'unclean.leader.election.enable': { usual: 'false', type: BOOLEAN },
}

const ENTRIES = Object.entries(SETTINGS)

export interface SettingShown {
  readonly name: string
  readonly value: string
  readonly type: number
  readonly isDefault: boolean
}

/** The settings of one topic: those that were given, over Kafka's defaults. */
export class TopicSettings {
  constructor(readonly given: ReadonlyMap<string, string>) {}

  /** Why `changes` can't be made; undefined where they can. */
  static faultOf(changes: ReadonlyMap<string, string>): string | undefined {
    for (const [name, value] of changes) {
      const setting = SETTINGS[name]
      if (setting === undefined) return `Unknown topic config name: ${name}`
      if (!isValid(setting, value)) return `Invalid value ${value} for configuration ${name}`
    }
    return undefined
  }

  static isList(name: string): boolean {
    return SETTINGS[name]?.type === LIST
  }

  get(name: string): string {
    return this.given.get(name) ?? SETTINGS[name]?.usual ?? ''
  }

  number(name: string): number {
    return this.get(name) === EVER ? Number.POSITIVE_INFINITY : Number(this.get(name))
  }

  /** Those that are asked for: most who ask want few of them, of many topics. */
  all(isWanted: (name: string) => boolean = () => true): SettingShown[] {
    return ENTRIES.filter(([name]) => isWanted(name)).map(([name, { type }]) => ({
      ...{ name, type },
      value: this.get(name),
      isDefault: !this.given.has(name),
    }))
  }

  logRules(producerExpirationMs: number): LogRules {
    const policies = this.get('cleanup.policy').split(',')
    return {
      producerExpirationMs,
      maxBatchBytes: this.number('max.message.bytes'),
      appendTime: this.get('message.timestamp.type') === 'LogAppendTime',
      timestampBeforeMs: this.number('message.timestamp.before.max.ms'),
      timestampAfterMs: this.number('message.timestamp.after.max.ms'),
      deletes: policies.includes('delete'),
      compacts: policies.includes('compact'),
      retentionMs: this.number('retention.ms'),
      retentionBytes: this.number('retention.bytes'),
      tombstoneMs: this.number('delete.retention.ms'),
      compactionLagMs: this.number('min.compaction.lag.ms'),
    }
  }
}

function isValid({ type, values }: Setting, value: string): boolean {
  if (type === BOOLEAN) return value === 'true' || value === 'false'
  if (type === LIST && values !== undefined) return value.split(',').every(each => values.includes(each.trim()))
  if (type === STRING && values !== undefined) return values.includes(value)
  if (type === INT || type === LONG) return /^-?\d+$/.test(value)
  return type !== DOUBLE || Number.isFinite(Number(value))
}
