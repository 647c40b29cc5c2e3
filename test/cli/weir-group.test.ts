import { ByteWriter } from '../../src/connectors/kafka/protocol/byte-writer'
import { readAssignment } from '../../src/connectors/kafka/protocol/describe-groups'
import { isWeirGroup, tasksByPartition, tasksOf } from '../../src/ops/weir-group'

const member = (memberId: string, assigned: Record<string, number[]>, active: string[]) => ({
  ...{ memberId, instanceId: null, clientId: memberId, host: '/127.0.0.1' },
  assigned: Object.entries(assigned).map(([topic, partitions]) => ({ topic, partitions })),
  userData: Buffer.from(JSON.stringify({ active, standby: [], topics: [['readings'], ['rollups', 'totals']] })),
})

test('each partition has the task of the sub-topology that reads its topic', () => {
  const tasks = tasksByPartition([
    member('a', { readings: [0, 2], rollups: [1] }, ['0_0', '0_2', '1_1']),
    member('b', { readings: [1], rollups: [0] }, ['0_1', '1_0']),
  ])
  expect(Object.fromEntries(tasks)).toEqual({
    ...{ 'readings/0': '0_0', 'readings/1': '0_1', 'readings/2': '0_2', 'rollups/0': '1_0', 'rollups/1': '1_1' },
  })
})

test('a task of several topics is named at each, and where one worker has all tasks too', () => {
  const tasks = tasksByPartition([member('a', { readings: [0, 1], rollups: [0], totals: [0] }, ['0_0', '0_1', '1_0'])])
  expect(Object.fromEntries(tasks)).toEqual({
    ...{ 'readings/0': '0_0', 'readings/1': '0_1', 'rollups/0': '1_0', 'totals/0': '1_0' },
  })
})

test('other groups have no tasks', () => {
  const other = { ...member('a', { t: [0] }, []), userData: Buffer.from([1, 2, 3]) }
  expect(tasksOf(other)).toBeUndefined()
  expect(tasksOf({ userData: Buffer.from('{"active":1}') })).toBeUndefined()
  expect(tasksByPartition([other]).size).toBe(0)
  const offset = { topic: 't', partition: 0, offset: 1, metadata: '' }
  expect(isWeirGroup({ offsets: [offset], assignor: 'range' })).toBe(false)
  expect(isWeirGroup({ offsets: [{ ...offset, metadata: 'weir:3:abc' }] })).toBe(true)
  expect(isWeirGroup({ offsets: [], assignor: 'weir-sticky' })).toBe(true)
})

test('an assignment is read with and without user data, and while there is none', () => {
  const written = new ByteWriter().int16(1).int32(1).string('t')
  written.array([0, 5], each => written.int32(each))
  const assigned = [{ topic: 't', partitions: [0, 5] }]
  expect(readAssignment(written.buffer)).toEqual({ assigned, userData: Buffer.alloc(0) })
  expect(readAssignment(written.bytes(Buffer.from('x')).buffer)).toEqual({ assigned, userData: Buffer.from('x') })
  expect(readAssignment(Buffer.alloc(0))).toEqual({ assigned: [], userData: Buffer.alloc(0) })
})
