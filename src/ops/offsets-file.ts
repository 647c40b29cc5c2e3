import { UsageError } from './errors'
import type { GroupOffset } from './groups'

/** A line of a file of offsets. */
export interface OffsetLine {
  /** Absent in a file of one group. */
  readonly group?: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** The offsets of groups as `kafka-consumer-groups.sh --export` prints them: CSV, with the group's name first where there are several groups. */
export function offsetsText(
  groups: readonly { readonly group: string; readonly offsets: readonly GroupOffset[] }[],
): string {
  const lines = groups.flatMap(({ group, offsets }) =>
    [...offsets]
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
      .map(({ topic, partition, offset }) => [
        ...(groups.length === 1 ? [] : [cell(group)]),
        ...[cell(topic), `${partition}`, `${offset}`],
      ]),
  )
  return lines.map(cells => cells.join(',')).join('\n')
}

/** RFC 4180. */
const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Reads what `offsetsText` and Kafka's own tool write. Throws UsageError that names the line. */
export function readOffsets(text: string): OffsetLine[] {
  const found: OffsetLine[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const cells = cellsOf(line)
    const [offset, partition, topic, group, ...more] = cells?.reverse() ?? []
    const isWhole = (each: string | undefined) => /^\d{1,15}$/.test(each?.trim() ?? '')
    if (!topic || more.length > 0 || !isWhole(partition) || !isWhole(offset))
      throw new UsageError(`line ${at + 1} is no "topic,partition,offset" or "group,topic,partition,offset": ${line}`)
    found.push({
      ...(group === undefined ? {} : { group }),
      ...{ topic, partition: Number(partition), offset: Number(offset) },
    })
  }
  if (found.length === 0) throw new UsageError('there are no offsets in it: a line is topic,partition,offset')
  return found
}

/** Undefined where the quotes don't end. */
function cellsOf(line: string): string[] | undefined {
  const cells: string[] = []
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/gy
  let end = 0
  for (const match of line.matchAll(pattern)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    end = match.index + match[0].length
  }
  return end === line.length ? cells : undefined
}
