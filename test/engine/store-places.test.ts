import { json, session, sliding, text, topology, tumbling } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { storePlaces } from '../../src/engine/queries/store-places'

const places = storePlaces(
  planOf(
    topology('app', s => {
      const byKey = s.stream('in', { key: text, value: json<any>() }).groupByKey()
      byKey.windowedBy(tumbling({ sizeMs: 10, graceMs: 0 })).count({ name: 'tumbling' })
      byKey.windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 })).count({ name: 'sliding' })
      byKey.windowedBy(session({ gapMs: 10, graceMs: 0 })).count({ name: 'session' })
      byKey.count({ name: 'all' })
    }),
  ),
)
const names = ['tumbling', 'sliding', 'session', 'all']

test('a window that begins before a stretch of time reaches into it by its last millisecond; a session is found by its end', () => {
  expect(names.map(name => places.get(name)?.reachMs)).toEqual([9, 10, 0, 0])
})

test('an entry is shown with the window that it is of, and its timestamp where it has one', () => {
  const shown = (name: string) => places.get(name)?.show({ start: 20, end: 27, value: 3, timestamp: 21 } as never)
  const windows = names.slice(0, 3).map(name => shown(name)?.window)
  expect(windows).toEqual([
    { start: 20, end: 30 },
    { start: 20, end: 30 },
    { start: 20, end: 27 },
  ])
  expect(shown('session')).toMatchObject({ value: 3, timestamp: 21 })
  expect(places.get('all')?.show({ value: { value: 3, timestamp: 21 } } as never)).toEqual({ value: 3, timestamp: 21 })
})
