import { decodeValue, keyText, valueBytes, valueText } from '../../connectors/batch'
import { type Cluster, readPartition } from '../../connectors/kafka'
import { required } from '../../required'
import { decodeState } from '../../state/state-codec'
import type { Beginning, IdleDecision, Window } from './oracle'
import type { Job, RollupSpec } from './sensors-job'

/** The last value of each key of a compacted partition below `to`. */
async function lastValues(
  cluster: Cluster,
  topic: string,
  partition: number,
  to: number,
): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>()
  if (to === 0) return values
  for await (const batch of readPartition({ cluster }, { topic, partition }, 0, to)) {
    for (let i = 0; i < batch.count; i++) {
      const key = keyText(batch, i) ?? ''
      if (valueBytes(batch, i) === null) values.delete(key)
      else values.set(key, decodeValue({ decode: decodeState }, batch, i))
    }
  }
  return values
}

/** The windows that a store's changelog holds below `to`, closed ones that stay to be asked for among them. */
export async function storedWindows(
  cluster: Cluster,
  { changelog, sizeMs }: RollupSpec,
  partition: number,
  to: number,
): Promise<Window[]> {
  const values = await lastValues(cluster, changelog, partition, to)
  return [...values].map(([key, value]) => {
    const [sensor, start] = JSON.parse(key) as [string, number]
    const [[count, sum, min, max, meanSum, meanCount]] = value as [[number, number, number, number, number, number]]
    const end = start + sizeMs
    return { sensor: Number(sensor), start, end, count, sum, min, max, mean: meanSum / meanCount }
  })
}

/** Next offsets of one partition in the topics of a store: what lies below is part of the state. */
export type EndsOf = (topic: string) => number

/** What the engine's stores of one partition hold: the time and the open windows, not those that have closed and stay to be asked for. */
export async function storedState(cluster: Cluster, job: Job, partition: number, endOf: EndsOf): Promise<Beginning> {
  const times = await lastValues(cluster, job.times, partition, endOf(job.times))
  const open = new Map<number, Window[]>()
  for (const rollup of job.rollups) {
    const closedTo = Number(times.get(rollup.closedKey) ?? -1)
    const windows = await storedWindows(cluster, rollup, partition, endOf(rollup.changelog))
    open.set(
      rollup.sizeMs,
      windows.filter(({ end }) => end > closedTo),
    )
  }
  return { timeMs: Number(times.get(job.timeKey) ?? -1), open }
}

/** What the idle clock of one partition's task decided in `[from, to)` of the times topic. */
export async function idleDecisions(
  cluster: Cluster,
  job: Job,
  partition: number,
  from: number,
  to: number,
): Promise<IdleDecision[]> {
  const decisions: IdleDecision[] = []
  if (from >= to) return decisions
  for await (const batch of readPartition({ cluster }, { topic: job.times, partition }, from, to)) {
    for (let i = 0; i < batch.count; i++) {
      if (keyText(batch, i) !== job.idleKey) continue
      const text = valueText(batch, i) ?? ''
      const { time, offsets } = JSON.parse(text) as { time: number; offsets: Record<string, number> }
      decisions.push({ offset: required(offsets[job.topic], 'the offset of a decision'), timeMs: time })
    }
  }
  return decisions
}
