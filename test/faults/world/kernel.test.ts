import { Kernel } from './kernel'

test('what comes while its owner is paused is done afterwards, in its order, however often it is paused', async () => {
  const kernel = new Kernel()
  const done: string[] = []
  for (const at of [20, 60, 120]) kernel.at(at, () => void done.push(`${at} at ${kernel.time}`), 'w1')
  kernel.at(10, () => kernel.pause('w1', 90), 'world')
  kernel.at(50, () => kernel.pause('w1', 100), 'world')
  await kernel.run(() => false, 1_000, 1_000)
  expect(done).toEqual(['20 at 100', '60 at 100', '120 at 120'])
})
