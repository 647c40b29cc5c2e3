import { Meter } from '../../src/sensors/start/meter'
import type { EndTally } from '../../src/vitals/format'

const now = Date.UTC(2026, 0, 1)
const end = (kind: string, more: Partial<EndTally> = {}): EndTally => ({
  ...{ name: `${kind} a`, kind, records: 9, bytes: 9, rate: 0, queuedBytes: 0 },
  ...more,
})
const held = (kind: string, forMs: number) => end(kind, { heldSinceMs: now - forMs, reason: 'connection refused' })

/** What a run's line says of its ends, behind the number of windows. */
const said = (...ends: EndTally[]) => new Meter().text({ ends }).split(/windows 0 */)[1]

beforeEach(() => jest.useFakeTimers({ now }))
afterEach(() => jest.useRealTimers())

test.each<[string, string, EndTally[]]>([
  ['nothing while all is well', '', [end('postgres'), end('mqtt'), end('mqtt-live', { skipped: 0 })]],
  ['the end that holds it up, and since when', 'waiting for MQTT 12 s', [end('postgres'), held('mqtt', 12_000)]],
  ['minutes', 'waiting for Postgres 3 min 20 s', [held('postgres', 200_000)]],
  ["a service once, since its targets' first", 'waiting for MQTT 12 s', [held('mqtt', 4_000), held('mqtt', 12_000)]],
  ['several, the longest first', 'waiting for Postgres 9 s, MQTT 4 s', [held('mqtt', 4_000), held('postgres', 9_000)]],
  ["an author's end by its kind", 'waiting for file 2 s', [held('file', 2_000)]],
  [
    'what was skipped, over all targets',
    'skipped 3,210',
    [end('mqtt-live', { skipped: 3_000 }), end('mqtt-live', { skipped: 210 })],
  ],
  [
    'both',
    'waiting for Postgres 2 s  skipped 1',
    [end('mqtt-live', { skipped: 1 }), end('mqtt'), held('postgres', 2_000)],
  ],
])('the line of a run says of its ends: %s', (_, expected, ends) => {
  expect(said(...ends)).toBe(expected)
})

test('a topology that does not run has nothing to say of its ends', () => {
  expect(new Meter().text({ ends: undefined, phase: 'draining' })).toMatch(/windows 0 {2}draining$/)
})
