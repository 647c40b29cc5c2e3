import { Registry } from 'prom-client'
import { counters, states } from '../../../src/engine/observe/worker-metrics'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'

const samplesOf = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter(line => line.startsWith('weir'))

test('what a worker has counted is told by what it is of, the same whenever it is asked for', async () => {
  const registry = new Registry()
  const tally = new Tally()
  counters(tally, [registry])
  const idle = ['weir_rollbacks_total 0', 'weir_restored_records_total 0', 'weir_generations_total 0']
  expect(await samplesOf(registry)).toEqual(idle)
  tally.processed.set('0_0', 1)
  tally.badRecords.set('in', 2)
  tally.droppedLetters.set('in_dead_letters', 3)
  tally.sinkRecords.set('rows', 4)
  tally.sinkBytes.set('rows', 5)
  tally.windowsClosed.set('counts', 6)
  tally.late.set('counts', 7)
  Object.assign(tally, { rollbacks: 8, restored: 9, generations: 10 })
  const told = [
    'weir_records_processed_total{task="0_0"} 1',
    'weir_bad_records_total{topic="in"} 2',
    'weir_dead_letters_dropped_total{topic="in_dead_letters"} 3',
    'weir_sink_records_total{target="rows"} 4',
    'weir_sink_bytes_total{target="rows"} 5',
    'weir_windows_closed_total{step="counts"} 6',
    'weir_late_records_total{step="counts"} 7',
    ...['weir_rollbacks_total 8', 'weir_restored_records_total 9', 'weir_generations_total 10'],
  ]
  expect(await samplesOf(registry)).toEqual(told)
  expect(await samplesOf(registry)).toEqual(told)
})

test('tasks are told with their time once they have one, and the entries of their stores; standbys with what they lack', async () => {
  const registry = new Registry()
  const worker = {
    slots: new Map([
      ['0_0', { task: { streamTime: 1_500, stores: new Map([['counts', { size: 3 }]]) } }],
      ['0_1', { task: { streamTime: -1, stores: new Map([['counts', { size: 0 }]]) } }],
      ['0_2', { task: { streamTime: 0, stores: new Map() } }],
    ]),
    standbyLags: { '1_0': 7, '1_1': 0, '1_2': Number.MAX_SAFE_INTEGER },
  }
  states(worker as unknown as Worker, [registry])
  expect((await samplesOf(registry)).sort()).toEqual([
    'weir_standby_lag_records{task="1_0"} 7',
    'weir_standby_lag_records{task="1_1"} 0',
    'weir_store_entries{task="0_0",store="counts"} 3',
    'weir_store_entries{task="0_1",store="counts"} 0',
    'weir_stream_time_seconds{task="0_0"} 1.5',
    'weir_stream_time_seconds{task="0_2"} 0',
  ])
  worker.slots.clear()
  worker.standbyLags = {} as typeof worker.standbyLags
  expect(await samplesOf(registry)).toEqual([])
})
