import type { Sink } from '../../src/connectors/sink'
import { CommitRoad } from '../../src/engine/worker/commit-road'
import { ContentError, UnavailableError } from '../../src/errors'
import { asTasks, FakeSink, Gate, roadScene as scene, taskOf, turn } from '../testing/road-scene'

const at = (kind: string, next: number) => ({ topic: 'in', partition: 0, next, kind })

/** A road to one end alone. */
function oneEnd() {
  const sink = new FakeSink('table', [])
  const ledger = { commit: async () => [] }
  return { sink, road: new CommitRoad({ sinks: [sink as unknown as Sink], ledger, partitionCount: () => 1 }) }
}

describe('an end that is away', () => {
  const away = new UnavailableError('away')

  /** A road with a commit for both ends under way; `goesOn`: whether others go on without one that is away. */
  function underWay(goesOn: boolean) {
    const made = scene()
    const { road, table, mqtt, order } = made
    const gates = { table: (table.gate = new Gate()), mqtt: (mqtt.gate = new Gate()) }
    const told: unknown[] = []
    const tell = {
      failed: (error: unknown) => told.push(error),
      away: (sink: unknown, error: Error) => told.push([sink, error]) > 0 && goesOn,
    }
    road.tell(tell)
    const task = taskOf('0_0', order, { positions: [at('table', 1), at('mqtt', 1)] })
    const done: unknown[] = []
    road.commit(asTasks(task)).then(
      () => done.push('done'),
      error => done.push(error),
    )
    return { ...made, gates, told, done }
  }

  it('is told of, and its commit waits until it is given up', async () => {
    const { road, gates, told, done, table } = underWay(true)
    expect(road.outage).toBeUndefined()
    gates.table.shut(away)
    gates.mqtt.open()
    await turn()
    expect(told).toEqual([[table, away]])
    expect([road.outage, done]).toEqual([away, []])
    road.giveUp(new Error('over'))
    await turn()
    expect(done).toEqual([away])
  })

  it('fails its commit where the others do not go on without it', async () => {
    const { gates, told, done, mqtt } = underWay(false)
    gates.mqtt.shut(away)
    gates.table.open()
    await turn()
    expect([told, done]).toEqual([[[mqtt, away]], [away]])
  })

  it('is not waited for where no other end is left', async () => {
    const { gates, told, done, mqtt } = underWay(true)
    gates.mqtt.shut(away)
    await turn()
    gates.table.shut(new UnavailableError('away, too'))
    await turn()
    expect(told).toEqual([[mqtt, away]])
    expect(done).toEqual([new UnavailableError('away, too')])
  })

  it('keeps nobody from hearing what another end has refused', async () => {
    const { gates, done } = underWay(true)
    gates.mqtt.shut(away)
    await turn()
    gates.table.shut(new ContentError('too long'))
    await turn()
    expect(done).toEqual([new ContentError('too long')])
  })

  it('is not waited for where it is the only one', async () => {
    const { sink, road } = oneEnd()
    const told: unknown[] = []
    road.tell({ failed: () => {}, away: (_, error) => told.push(error) > 0 })
    const gate = (sink.gate = new Gate())
    const commit = road.commit(asTasks(taskOf('0_0', [], { positions: [at('table', 1)] })))
    const failure = commit.catch((error: unknown) => error)
    gate.shut(away)
    await turn()
    expect(await Promise.race([failure, turn()])).toBe(away)
    expect(told).toEqual([])
  })
})

describe('a write ahead of a commit', () => {
  it('goes to the ends of its targets, and waits until they have room', async () => {
    const { road, order, table, mqtt, chunk } = scene()
    const gate = (mqtt.gate = new Gate())
    const done: string[] = []
    const written = road.write('0_0', [chunk(table, 1), chunk(mqtt, 2)]).then(() => done.push('room'))
    await turn()
    expect(order).toEqual(['table write 0_0 1', 'mqtt write 0_0 2'])
    expect(done).toEqual([])
    gate.open()
    await turn()
    expect(await Promise.race([written, turn()])).toBe(1)
  })

  it('is told of at once when it fails, where one of a commit fails the commit alone', async () => {
    const { road, order, table, chunk } = scene()
    const told: unknown[] = []
    road.tell({ failed: error => told.push(error), away: () => false })
    table.gate = new Gate()
    table.gate.shut(new ContentError('too long'))
    await road.write('0_0', [chunk(table, 1)])
    expect(told).toEqual([new ContentError('too long')])
    const { road: other, table: same } = scene()
    other.tell({ failed: error => told.push(error), away: () => false })
    same.gate = table.gate
    const commit = other.commit(asTasks(taskOf('0_0', order, { chunks: [chunk(same, 1)] })))
    await expect(commit).rejects.toThrow('too long')
    expect(told).toHaveLength(1)
  })
})

describe('ends', () => {
  it('are uneven while one has made its commits and another has not', async () => {
    const { road, order, table, mqtt } = scene()
    expect(road.isUneven).toBe(false)
    const gates = { table: (table.gate = new Gate()), mqtt: (mqtt.gate = new Gate()) }
    const commit = road.commit(asTasks(taskOf('0_0', order, { positions: [at('table', 1), at('mqtt', 1)] })))
    expect(road.isUneven).toBe(false)
    gates.mqtt.open()
    await turn()
    expect(road.isUneven).toBe(true)
    gates.table.open()
    await commit
    expect(road.isUneven).toBe(false)
  })

  it('that make no commits count neither way', async () => {
    const { road, order, table } = scene({}, 'latest')
    const gate = (table.gate = new Gate())
    const commit = road.commit(asTasks(taskOf('0_0', order, { positions: [at('table', 1)] })))
    await turn()
    expect(road.isUneven).toBe(false)
    gate.open()
    await commit
  })
})
