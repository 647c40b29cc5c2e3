import { json, text, topology } from '../../../src'
import { RestoringTask } from '../../../src/engine/task/restoring-task'
import { partsOf } from './lone-task'

const serdes = { key: text, value: json<any>() }
const job = topology('app', s => s.stream('in', serdes).groupByKey().count({ name: 'counts' }))

test('a task that is restored begins where its topics are read next, on a state of its own or one that is there', async () => {
  const parts = await partsOf(job, { partition: 2, partitions: { in: 3 }, starts: { in: 7 } })
  const restoring = new RestoringTask(parts)
  expect([restoring.id, restoring.partition, restoring.positionOf('in'), restoring.positionOf('other')]).toEqual([
    ...['0_2', 2, 7, 0],
  ])
  expect([restoring.state.plan, restoring.state.partition]).toEqual([parts.plan, 2])
  const task = restoring.start()
  expect(task.state).toBe(restoring.state)
  expect([task.id, task.partition, task.input('in')?.position]).toEqual(['0_2', 2, 7])
  expect(new RestoringTask(parts, restoring.state).state).toBe(restoring.state)
})

test('it is asked where each of its own partitions begins', async () => {
  const parts = await partsOf(job, { partition: 2, partitions: { in: 3 } })
  const start = ({ partition }: { partition: number }) => 10 * partition
  expect(new RestoringTask({ ...parts, start }).positionOf('in')).toBe(20)
})
