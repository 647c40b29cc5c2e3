import type { MissingSchema } from '../../src/engine/task/input'
import { SchemaLoading } from '../../src/engine/worker/loop/schema-loading'
import { silentLog } from '../../src/log'
import { Outages } from '../../src/outages'

function scene() {
  const events: string[] = []
  const on = { loaded: () => void events.push('loaded'), failed: (error: unknown) => void events.push(String(error)) }
  return { events, loading: new SchemaLoading(new Outages({ log: silentLog }), on) }
}

test('a schema that several records wait for is loaded once, and again if it is missed again', async () => {
  const { events, loading } = scene()
  let loads = 0
  const missing = { load: async () => void loads++ } as unknown as MissingSchema
  await Promise.all([loading.load(missing), loading.load(missing)])
  expect([loads, events]).toEqual([1, ['loaded']])
  await loading.load(missing)
  expect([loads, events]).toEqual([2, ['loaded', 'loaded']])
})

test('a failure is told, but not to who has closed meanwhile', async () => {
  const { events, loading } = scene()
  const missing = { load: () => Promise.reject(new Error('no such id')) } as unknown as MissingSchema
  await loading.load(missing)
  expect(events).toEqual(['Error: no such id'])
  loading.close()
  await loading.load({ ...missing })
  expect(events).toHaveLength(1)
})
