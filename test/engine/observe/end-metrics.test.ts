import { Registry } from 'prom-client'
import { ends } from '../../../src/engine/observe/end-metrics'
import type { EndTally, Tally } from '../../../src/vitals/format'

/** What is told of these ends, and of services that are away, each time it is asked for. */
function told(of: { ends: readonly Partial<EndTally>[]; away?: readonly string[] }) {
  const registry = new Registry()
  const current = { keys: () => of.away ?? [] }
  ends(() => of as unknown as Tally, { current } as never, [registry])
  return async () => (await registry.metrics()).split('\n').filter(line => line.startsWith('weir'))
}
const rows = { name: 'rows', kind: 'postgres', queuedBytes: 0 }
const labels = '{end="rows",kind="postgres"}'

test('an end is up while it holds nothing up, and what waits for it is told', async () => {
  const of = { ends: [rows] as Partial<EndTally>[] }
  const samples = told(of)
  expect(await samples()).toEqual([`weir_end_up${labels} 1`, `weir_end_queued_bytes${labels} 0`])
  of.ends = [{ ...rows, queuedBytes: 7, heldSinceMs: 0 }]
  expect(await samples()).toEqual([`weir_end_up${labels} 0`, `weir_end_queued_bytes${labels} 7`])
  of.ends = []
  expect(await samples()).toEqual([])
})

test('how long it took, and how old the records were, in seconds', async () => {
  const samples = told({ ends: [{ ...rows, commitMs: { p50: 20, p99: 500 }, ageMs: { p50: 1_000, p99: 3_000 } }] })
  expect((await samples()).slice(2)).toEqual([
    `weir_end_commit_median_seconds${labels} 0.02`,
    `weir_end_age_median_seconds${labels} 1`,
    `weir_end_commit_p99_seconds${labels} 0.5`,
    `weir_end_age_p99_seconds${labels} 3`,
  ])
})

test('values that were overtaken are counted for ends that have such, nothing counted twice', async () => {
  const samples = told({ ends: [rows, { ...rows, name: 'live', kind: 'mqtt', skipped: 4 }] })
  const skipped = async () => (await samples()).filter(line => line.includes('skipped'))
  for (let i = 0; i < 2; i++)
    expect(await skipped()).toEqual(['weir_end_skipped_records_total{end="live",kind="mqtt"} 4'])
})

test('services that are away are told until they are back', async () => {
  const of = { ends: [], away: ['Kafka', 'Postgres'] }
  const samples = told(of)
  expect(await samples()).toEqual(['weir_service_down{service="Kafka"} 1', 'weir_service_down{service="Postgres"} 1'])
  of.away = []
  expect(await samples()).toEqual([])
})
