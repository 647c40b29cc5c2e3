import { Backlog } from '../../src/engine/worker/loop/backlog'
import { mostUncommitted, mostUncommittedBytes } from '../../src/engine/worker/loop/bounds'

test('is full once more is processed than may wait, by records or by bytes, however it comes', () => {
  const records = new Backlog()
  records.add(1, 0)
  records.add(mostUncommitted - 1, 0)
  expect(records.isFull).toBe(false)
  records.add(1, 0)
  expect(records.isFull).toBe(true)
  const bytes = new Backlog()
  bytes.add(1, mostUncommittedBytes - 1)
  bytes.add(1, 1)
  expect(bytes.isFull).toBe(false)
  bytes.add(0, 1)
  expect(bytes.isFull).toBe(true)
})

test('what the only commit under way has does not count; behind a second one all of it does, until it is done', () => {
  const backlog = new Backlog()
  backlog.add(mostUncommitted + 1, 0)
  const first = backlog.cut()
  expect(backlog.isFull).toBe(false)
  backlog.add(1, mostUncommittedBytes)
  const second = backlog.cut()
  expect(backlog.isFull).toBe(true)
  // The other one is under way alone now.
  first()
  expect(backlog.isFull).toBe(false)
  const third = backlog.cut()
  expect(backlog.isFull).toBe(false)
  backlog.add(0, 1)
  expect(backlog.isFull).toBe(true)
  second()
  third()
  expect(backlog.isFull).toBe(false)
})

test('behind a commit it begins at nothing', () => {
  const backlog = new Backlog()
  backlog.add(7, 7)
  const done = backlog.cut()
  backlog.add(mostUncommitted, mostUncommittedBytes)
  expect(backlog.isFull).toBe(false)
  done()
  expect(backlog.isFull).toBe(false)
  backlog.add(1, 0)
  expect(backlog.isFull).toBe(true)
})
