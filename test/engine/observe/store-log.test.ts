import type { GraphNode, StoreSpec, Windows } from '../../../src/dsl/graph'
import { storeLog } from '../../../src/engine/observe/store-log'

const owner = (spec: object, kind = 'aggregate') => ({ kind, spec }) as unknown as GraphNode
const store = (kind: StoreSpec['kind'], more: Partial<StoreSpec> = {}): StoreSpec => ({
  name: 's',
  kind,
  changelog: true,
  ...more,
})
const log = (spec: StoreSpec, windows?: Windows) => storeLog('app', spec, owner({ ...(windows && { windows }) })).log

test('a store is read from its changelog, or from the topic that it is restored from, or nowhere', () => {
  expect(log(store('keyValue'))).toEqual({ topic: 'app-s-changelog', holds: 'state', isStamped: true })
  const restored = { changelog: false, sourceTopic: 'rows' }
  expect(log(store('keyValue', restored))).toEqual({ topic: 'rows', holds: 'records', isStamped: true })
  expect(storeLog('app', store('keyValue', { changelog: false }), owner({}))).toEqual({})
  expect(storeLog('app', store('keyValue'), owner({}, 'process')).log).toMatchObject({ isStamped: false })
})

test('windows of one length are told by it, sessions and other stores are not', () => {
  const windows = (type: string, more: object) => ({ type, graceMs: 0, ...more }) as unknown as Windows
  const time = windows('time', { sizeMs: 10, advanceMs: 5 })
  expect(log(store('window'), time)).toMatchObject({ windowMs: 10, isStamped: false })
  expect(log(store('window'), windows('sliding', { timeDifferenceMs: 7 }))).toMatchObject({ windowMs: 7 })
  const none: [StoreSpec['kind'], Windows | undefined][] = [
    ['session', windows('session', { gapMs: 7 })],
    ['window', windows('session', { gapMs: 7 })],
    ['window', undefined],
    ['keyValue', time],
  ]
  for (const [kind, given] of none) expect(log(store(kind), given)).not.toHaveProperty('windowMs')
})

test('figures are told where an aggregate is made of them', () => {
  const figures = [{ name: 'n', places: 1 }]
  expect(storeLog('app', store('keyValue'), owner({ figures })).log).toMatchObject({ figures })
  expect(log(store('keyValue'))).not.toHaveProperty('figures')
})
