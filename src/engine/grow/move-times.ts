import type { CommittedOffset } from '../../connectors/ledger'
import { timesTopic } from '../../names'
import { itemAt } from '../../required'
import { stateText } from '../../state/state-codec'
import type { KeptTimes } from '../plan/kept-times'
import { type KeptPositions, positionsName } from '../task/kept-positions'
import type { GrowParts } from './grow-parts'
import { type Growth, homesOf, type PartGrowth } from './growth'
import type { Outbound } from './outbound'

/**
 * A new task begins with the time of the one that most of its keys come from. What was read so far stays the old tasks', save where pending
 * records were moved; and from the start nobody takes a later time than those who may still bring records home to it.
 */
export function moveTimes(
  growth: PartGrowth,
  { application, partitions }: Growth,
  offsets: readonly CommittedOffset[],
  { nowMs }: Pick<GrowParts, 'nowMs'>,
  kept: readonly KeptTimes[],
  out: Outbound,
): void {
  const { part, from } = growth
  const topic = timesTopic(application)
  const misplaced = part.upstreams.filter(upstream => upstream.misplaced)
  /** By which records come home. */
  const ways = [...homesOf(growth, application), ...misplaced.map(upstream => upstream.topic)]
  const steps = part.nodes.map(({ name }) => `${name}/`)
  for (let partition = 0; partition < partitions; partition++) {
    const put = (name: string, text: string) =>
      out.add({ topic, partition }, { key: Buffer.from(name), value: Buffer.from(text), timestamp: nowMs })
    const times = itemAt(kept, partition % from)
    // A new task has read nothing, and says so: without positions it would be taken for one whose offsets were lost.
    const positions = (partition < from ? times.get(positionsName(part.timesName)) : {}) as KeptPositions | undefined
    if (positions !== undefined) put(positionsName(part.timesName), stateText(movedOn(positions, partition, offsets)))
    if (partition >= from)
      for (const [name, text] of times.entries)
        if (name !== positionsName(part.timesName) && steps.some(step => name.startsWith(step))) put(name, text)
    for (const way of ways) {
      const name = `${part.timesName}/upstream/${way}`
      if (times.get(name) === undefined) put(name, stateText({}))
    }
  }
}

function movedOn(positions: KeptPositions, partition: number, offsets: readonly CommittedOffset[]): KeptPositions {
  const movedTo = (topic: string) => offsets.find(each => each.topic === topic && each.partition === partition)?.offset
  return Object.fromEntries(
    Object.entries(positions).map(([topic, kept]) => [topic, { ...kept, offset: movedTo(topic) ?? kept.offset }]),
  )
}
