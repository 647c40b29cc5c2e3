import { json, keyValueStore, text, topology } from '../../../src'
import { TaskState } from '../../../src/engine/task/task-state'
import type { TopicOutputs } from '../../../src/engine/task/topic-outputs'
import { FencedError, TopologyError } from '../../../src/errors'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import type { KeptStore, LoggedChange } from '../../../src/state/store'
import { temporaryState } from '../../../src/testing/temporary-state'
import { partsOf } from './lone-task'

const serdes = { key: text, value: json<any>() }
const changelog = (store: string) => `app-${store}-changelog`

describe('stores on disk', () => {
  const disk = topology('app', s => {
    const names = ['first', 'second']
    s.stream('in', serdes).process({
      name: 'p',
      stores: names.map(name => keyValueStore({ name, location: 'disk' })),
      supplier: () => ({ process: () => {} }),
    })
  })
  const folder = temporaryState('app')
  afterAll(() => folder.remove())
  let partition = 0
  beforeEach(() => partition++)
  const opened = async () => {
    const { plan, environment } = await partsOf(disk, { partition })
    const state = new TaskState(plan, partition, { ...environment, localState: folder.state })
    const [first, second] = state.kept as [KeptStore & KeyValueStore, KeptStore & KeyValueStore]
    return { state, first, second }
  }
  const outputs = {} as TopicOutputs

  test('need a folder', async () => {
    const { plan, environment } = await partsOf(disk)
    expect(() => new TaskState(plan, 0, environment)).toThrow(TopologyError)
    expect(() => new TaskState(plan, 0, environment)).toThrow('store first: there is no folder')
  })

  test('are written at the seal, each up to where its own changelog is, and gone on from there', async () => {
    const { state, first, second } = await opened()
    expect([...state.restoredTo]).toEqual([])
    first.put('a', 1)
    second.put('b', 2)
    const { segment } = state.checkpoint([], 9, outputs)
    const written = [
      { topic: changelog('first'), partition, baseOffset: 0 },
      { topic: changelog('second'), partition, baseOffset: 50 },
    ]
    await state.seal(segment, written)
    first.put('a', 3)
    state.checkpoint([], 9, outputs)
    state.rollback()
    expect([first.get('a'), second.get('b')]).toEqual([1, 2])
    await state.release()
    const next = await opened()
    expect([...next.state.restoredTo]).toEqual([
      [changelog('first'), 1],
      [changelog('second'), 51],
    ])
    expect([next.first.get('a'), next.second.get('b')]).toEqual([1, 2])
  })

  test('what was rolled back is written by no later seal', async () => {
    const { state, first } = await opened()
    first.put('lost', 1)
    state.checkpoint([], 9, outputs)
    state.rollback()
    first.put('a', 2)
    const { segment } = state.checkpoint([], 9, outputs)
    await state.seal(segment, [])
    expect([first.get('lost'), first.get('a')]).toEqual([undefined, 2])
  })

  test('are another’s once it has opened them', async () => {
    const { state, first } = await opened()
    expect(state.isOwner).toBe(true)
    first.put('a', 1)
    const next = await opened()
    await expect(state.seal(state.checkpoint([], 9, outputs).segment, [])).rejects.toThrow(FencedError)
    expect([state.isOwner, next.state.isOwner]).toEqual([false, true])
  })
})

test('a state is its owner’s where every copy is, and asks all of them what it is asked', async () => {
  const asked: string[] = []
  const { plan, environment } = await partsOf(topology('app', s => s.stream('in', serdes).to('out', serdes)))
  const state = new TaskState(plan, 0, environment)
  const kept = ['one', 'two'].map(name => ({
    name,
    isOurs: name === 'one',
    touch: async () => void asked.push(`touch ${name}`),
    release: async () => void asked.push(`release ${name}`),
    rolledBack: () => void asked.push(`rolledBack ${name}`),
    cut: (records: readonly LoggedChange[]) => void asked.push(`cut ${name} ${records.length}`),
    seal: async (offset: number | undefined) => void asked.push(`seal ${name} ${offset}`),
  }))
  Object.assign(state, { kept })
  expect(state.isOwner).toBe(false)
  await state.touch()
  await state.release()
  state.rollback()
  const { segment } = state.checkpoint([], 9, {} as TopicOutputs)
  await state.seal(segment, [])
  expect(asked).toEqual(
    ['touch one', 'touch two', 'release one', 'release two', 'rolledBack one', 'rolledBack two'].concat([
      'cut one 0',
      'cut two 0',
      'seal one undefined',
      'seal two undefined',
    ]),
  )
})
