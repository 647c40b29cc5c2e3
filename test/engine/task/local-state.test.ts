import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreSpec } from '../../../src/dsl/graph'
import type { Plan } from '../../../src/engine/plan/plan'
import { LocalState, storesOnDisk } from '../../../src/engine/task/local-state'
import { UnavailableError } from '../../../src/errors'
import { openEnvironment } from '../../../src/state/disk/environment'
import { encodeState } from '../../../src/state/state-codec'

const day = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'weir-local-'))
const opened: LocalState[] = []
afterEach(() => Promise.all(opened.splice(0).map(state => state.close())))
afterAll(() => rmSync(folder, { recursive: true }))

const store = (over: Partial<StoreSpec> = {}): StoreSpec => ({
  ...{ name: 'counts', kind: 'keyValue', changelog: true, location: 'disk' },
  ...over,
})

const planOf = (...parts: readonly StoreSpec[][]) =>
  ({ subTopologies: parts.map(stores => ({ stores })) }) as unknown as Plan

interface Given {
  readonly application: string
  readonly cluster?: string
  readonly id?: string
  readonly nowMs?: number
  readonly spec?: StoreSpec
}

/** The local state of an application whose changelog is known by this id. */
async function stateOf({ application, cluster = 'c', id = 'id', nowMs = 0, spec = store() }: Given) {
  const clock = { now: () => nowMs, monotonic: () => 0 }
  const state = new LocalState({ folder, application, clock })
  opened.push(state)
  const topicIds = async (topics: readonly string[]) => new Map(topics.map(topic => [topic, id]))
  await state.identify(planOf([spec]), { topicIds, clusterId: async () => cluster })
  return state
}

/** Writes one entry to the copy of partition 3 as of offset 5, and gives it up. */
async function written(given: Given): Promise<void> {
  const state = await stateOf(given)
  await state.open(given.spec ?? store(), 3).write(new Map([['"k"', encodeState(1)]]), 5)
  await state.close()
}

test('the stores on disk are those of all parts that say so', () => {
  const plan = planOf([store(), store({ name: 'a', location: 'memory' })], [store({ name: 'b' })])
  expect(storesOnDisk(plan).map(({ name }) => name)).toEqual(['counts', 'b'])
})

describe('the changelogs', () => {
  const clock = { now: () => 0, monotonic: () => 0 }

  it('of stores on disk alone are asked for, by their names, and nothing where there are none', async () => {
    const asked: unknown[] = []
    const broker = {
      topicIds: async (topics: readonly string[]) => {
        asked.push(topics)
        return new Map(topics.map(topic => [topic, 'id']))
      },
      clusterId: async () => 'c',
    }
    const state = new LocalState({ folder, application: 'app', clock })
    await state.identify(planOf([store({ location: 'memory' })]), broker)
    expect(asked).toEqual([])
    await state.identify(planOf([store(), store({ name: 'a', location: 'memory' })]), broker)
    expect(asked).toEqual([['app-counts-changelog']])
  })

  it('have to be there', async () => {
    const state = new LocalState({ folder, application: 'app', clock })
    const broker = { topicIds: async () => new Map<string, string>(), clusterId: async () => 'c' }
    await expect(state.identify(planOf([store()]), broker)).rejects.toThrow(UnavailableError)
  })
})

describe('a copy', () => {
  const positionOf = async (given: Given, partition = 3) => {
    const copy = (await stateOf(given)).open(given.spec ?? store(), partition)
    return [copy.position, copy.size]
  }

  it('is gone on from by whoever opens the same partition of the same store', async () => {
    await written({ application: 'same' })
    expect(await positionOf({ application: 'same' })).toEqual([5, 1])
    expect(await positionOf({ application: 'same' }, 2)).toEqual([0, 0])
    expect(await positionOf({ application: 'other' })).toEqual([0, 0])
  })

  it.each<[string, Partial<Given>]>([
    ['cluster', { cluster: 'd' }],
    ['changelog', { id: 'another' }],
    ['kind of store', { spec: store({ kind: 'window' }) }],
    ['make', { spec: store({ identity: 'windows of 10 s' }) }],
  ])('of another %s is of no use', async (what, other) => {
    const application = `of-another-${what.replaceAll(' ', '-')}`
    await written({ application })
    expect(await positionOf({ application, ...other })).toEqual([0, 0])
  })

  it('is too old a sixth before the changelog forgets deletions', async () => {
    const longest = (day * 5) / 6
    await written({ application: 'old' })
    expect(await positionOf({ application: 'old', nowMs: longest })).toEqual([5, 1])
    await opened.at(-1)!.close()
    await written({ application: 'older' })
    expect(await positionOf({ application: 'older', nowMs: longest + 1 })).toEqual([0, 0])
  })

  it.each([
    ['window', '["k",7]'],
    ['session', '["k",7,9]'],
  ] as const)('of a %s store has its entries in the order of time', async (kind, key) => {
    const application = `timed-${kind}`
    const state = await stateOf({ application, spec: store({ kind }) })
    const copy = state.open(store({ kind }), 3)
    await copy.write(new Map([[key, encodeState(1)]]), 5)
    expect([...copy.timeKeys('', '\uffff')]).toHaveLength(1)
  })

  it('is deleted with all of its store, and nothing else', async () => {
    const state = await stateOf({ application: 'forgets' })
    state.open(store(), 3)
    state.open(store({ name: 'stays' }), 3)
    await state.close()
    state.forget('counts')
    state.forget('was never there')
    const has = (name: string) => existsSync(join(folder, 'forgets', name))
    expect([has('counts'), has('stays')]).toEqual([false, true])
  })

  it('is closed with all others of its application, and no others', async () => {
    const states = [await stateOf({ application: 'closes' }), await stateOf({ application: 'stays-open' })]
    for (const state of states) state.open(store(), 3)
    const open = () => ['closes', 'stays-open'].map(name => openEnvironment(join(folder, name, 'counts', '3')))
    const before = open()
    await states[0]!.close()
    expect(open().map((each, i) => each === before[i])).toEqual([false, true])
  })

  it('that this process has is held by no other, and none is asked for of a store in memory', async () => {
    const state = await stateOf({ application: 'held' })
    state.open(store(), 3)
    const memory = store({ name: 'in-memory', location: 'memory' })
    expect([state.isHeldElsewhere([store()], 3), state.isHeldElsewhere([memory], 3)]).toEqual([false, false])
    expect(existsSync(join(folder, 'held', 'in-memory'))).toBe(false)
    expect(state.isHeldElsewhere([], 3)).toBe(false)
  })
  it('that another living process of this machine has is held elsewhere, whichever of the stores it is of', async () => {
    const state = await stateOf({ application: 'elsewhere' })
    state.open(store(), 3)
    state.open(store({ name: 'others' }), 3)
    const { about } = openEnvironment(join(folder, 'elsewhere', 'others', '3'))
    about.putSync('owner', Buffer.from(String(process.ppid)), 1)
    const ask = (...names: string[]) =>
      state.isHeldElsewhere(
        names.map(name => store({ name })),
        3,
      )
    expect([ask('counts'), ask('counts', 'others'), ask('others')]).toEqual([false, true, true])
    expect(state.isHeldElsewhere([store({ name: 'others' })], 2)).toBe(false)
  })
})
