import { Registry } from 'prom-client'
import { steps } from '../../../src/engine/observe/step-metrics'
import type { Tally } from '../../../src/vitals/format'

test('each step is counted anew whenever it is asked for', async () => {
  const registry = new Registry()
  const nodes = [
    { name: 'a', passed: 3, errors: 1 },
    { name: 'b', passed: 0, errors: 0 },
  ]
  steps(() => ({ nodes }) as unknown as Tally, [registry])
  const samples = async () => (await registry.metrics()).split('\n').filter(line => line.startsWith('weir'))
  const told = [
    ...['weir_step_records_total{step="a"} 3', 'weir_step_records_total{step="b"} 0'],
    ...['weir_step_errors_total{step="a"} 1', 'weir_step_errors_total{step="b"} 0'],
  ]
  expect(await samples()).toEqual(told)
  expect(await samples()).toEqual(told)
})
