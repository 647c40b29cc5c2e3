import type { Api } from '../../../src/connectors/kafka/protocol/api'
import { ByteReader } from '../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import { LATEST, type ListedOffset } from '../../../src/connectors/kafka/protocol/offsets'
import { offsetSince } from '../../../src/connectors/kafka/read/offset-since'
import type { Cluster } from '../../../src/connectors/kafka/wire/cluster'

const at = { topic: 'asks', partition: 0 }

/** The time that a ListOffsets for one partition asks for. */
function timeAsked(api: Api<unknown>): number {
  const to = new ByteWriter()
  api.write(to)
  return new ByteReader(to.buffer.subarray(-8)).int64()
}

/** A log of timestamps. `between`: what happens after the first answer. */
function clusterOf(log: number[], between: () => void): Cluster {
  let answers = 0
  const send = async (_node: number, api: Api<unknown>): Promise<ListedOffset[]> => {
    if (answers++ === 1) between()
    const asked = timeAsked(api)
    const offset = asked === LATEST ? log.length : log.findIndex(time => time >= asked)
    return [{ ...at, errorCode: 0, timestamp: asked, offset }]
  }
  return { leader: async () => 1, send } as unknown as Cluster
}

test('a record that comes while the offset is looked for is not skipped', async () => {
  for (const log of [[], [10, 20]]) {
    const expected = log.length
    const cluster = clusterOf(log, () => log.push(100))
    expect(await offsetSince(cluster, at, 50)).toBe(expected)
  }
})

test('the first record of the time or later is found, else the end', async () => {
  const cluster = clusterOf([10, 20, 30], () => {})
  expect(await offsetSince(cluster, at, 15)).toBe(1)
  expect(await offsetSince(cluster, at, 31)).toBe(3)
})
