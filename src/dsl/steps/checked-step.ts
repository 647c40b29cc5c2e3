import {
  anything,
  checkOptions,
  needed,
  type OptionKinds,
  oneOf,
  plain,
  serde,
  whole,
  word,
  words,
} from '../../checked-options'
import { TopologyError } from '../../errors'

// What each step takes. What is `anything` is checked further where its fault has words of its own: by checkFunctions(), or by the step.

const named: OptionKinds = { name: word }
const serdes: OptionKinds = { key: serde, value: serde }
const stateful: OptionKinds = { name: anything, location: anything }
const materialised: OptionKinds = { materialized: word, location: anything }
const windowed: OptionKinds = { ...stateful, retentionMs: anything, historyMs: anything, late: anything }
/** One description of an aggregate may serve several kinds of them: what one doesn't need is no mistake. */
const functions: OptionKinds = { initial: anything, add: anything, subtract: anything, merge: anything }
const reading: OptionKinds = { key: anything, value: anything, timestamp: anything }
const source: OptionKinds = {
  ...reading,
  idleMs: whole(1, 'ms'),
  onBadRecord: oneOf('deadLetter', 'skip', 'fail'),
}

/** The options of every step, by its method's name, and that of what it stands on where methods of one name differ. */
export const stepOptions = {
  named,
  stream: { ...source, ...named },
  table: {
    ...{ ...source, ...named, ...materialised },
    restoreFrom: oneOf('changelog', 'sourceTopic'),
    versioned: plain,
  },
  versioned: { historyRetentionMs: anything },
  globalTable: { ...reading, ...named },
  to: { ...named, key: anything, value: anything, partition: anything },
  split: { default: word },
  process: { ...named, supplier: anything, stores: anything },
  repartition: { name: anything, ...serdes, only: oneOf('misplaced'), partitions: whole(1) },
  groupBy: { ...named, ...serdes },
  toTable: { name: anything, ...serdes, ...materialised },
  tableStep: { ...named, ...materialised },
  toStream: { ...named, key: anything },
  suppress: stateful,
  windowedBy: { emit: oneOf('onUpdate', 'onWindowClose') },
  count: stateful,
  reduce: { ...stateful, reducer: anything },
  aggregate: { ...stateful, ...functions, of: plain },
  cogroup: { ...stateful, ...functions },
  windowedCount: windowed,
  windowedReduce: { ...windowed, reducer: anything },
  windowedAggregate: { ...windowed, ...functions, of: plain },
  windowedCogroup: { ...windowed, ...functions },
  tableReduce: { ...stateful, adder: anything, subtractor: anything },
  tableAggregate: { ...stateful, ...functions },
  streamJoin: { ...stateful, windows: plain, joiner: anything, late: anything },
  windowsOfJoin: { beforeMs: anything, afterMs: anything, graceMs: anything },
  streamTableJoin: { ...named, joiner: anything, graceMs: anything },
  globalJoin: { ...named, joiner: anything, keyMapper: anything },
  tableJoin: { ...named, ...materialised, joiner: anything, foreignKey: anything },
  tableOuterJoin: { ...named, ...materialised, joiner: anything },
  queries: { key: needed(word), stores: needed(plain), mqtt: anything, mqttReplies: anything, replyTopics: words },
} satisfies Record<string, OptionKinds>

/** Throws TopologyError for options of a step that can't be; left out altogether, they are the step's to judge. `where`: as the author calls it. */
export function checkStep(where: string, options: unknown, step: keyof typeof stepOptions): void {
  if (options === undefined) return
  const { name } = Object(options) as { readonly name?: unknown }
  checkOptions(typeof name === 'string' && name !== '' ? `${where} ${name}` : where, options, stepOptions[step])
}

/** The name of a step that takes nothing else. */
export function nameOf(where: string, options: { readonly name?: string } | undefined): { readonly name?: string } {
  checkStep(where, options, 'named')
  return options?.name === undefined ? {} : { name: options.name }
}

/** Throws TopologyError for a topic that is no text. */
export function checkTopicName(where: string, topic: unknown): void {
  if (!word.fits(topic))
    throw new TopologyError(
      `${where}: the topic's name comes first, a text, and is ${topic === undefined ? 'missing' : typeof topic}`,
    )
}
