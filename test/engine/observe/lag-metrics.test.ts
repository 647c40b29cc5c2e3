import { Registry } from 'prom-client'
import { lags } from '../../../src/engine/observe/lag-metrics'
import type { InputTally, Tally } from '../../../src/vitals/format'

/** The samples of a registry, without the lines about them. */
const samplesOf = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))

test('each input is told by what is known of it, and no longer than it is there', async () => {
  const registry = new Registry()
  const at = { topic: 'in', partition: 2 }
  let inputs: InputTally[] = [{ ...at, position: 0, end: 9, lag: 9, lagMs: 1_500, lastRecordMs: 2_500 }]
  lags(() => ({ tasks: [{ id: '0_2', inputs }] }) as unknown as Tally, [registry])
  const labels = '{task="0_2",topic="in",partition="2"}'
  expect(await samplesOf(registry)).toEqual([
    `weir_position${labels} 0`,
    `weir_lag_records${labels} 9`,
    `weir_lag_seconds${labels} 1.5`,
    `weir_last_record_timestamp_seconds${labels} 2.5`,
  ])
  inputs = [{ ...at, position: 9, lag: 0, lagMs: 0 }]
  expect(await samplesOf(registry)).toEqual([
    ...[`weir_position${labels} 9`, `weir_lag_records${labels} 0`, `weir_lag_seconds${labels} 0`],
  ])
  inputs = [{ ...at, position: 9 }]
  expect(await samplesOf(registry)).toEqual([`weir_position${labels} 9`])
  inputs = []
  expect(await samplesOf(registry)).toEqual([])
})
