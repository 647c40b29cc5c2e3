import { bytesOf, checkPartition, noLimits, OutputChecks, UnknownTopic } from '../../../src/engine/task/output-topics'
import { ProcessError } from '../../../src/errors'

const day = 86_400_000

const record = (over: object = {}) => ({ key: Buffer.from('k'), value: Buffer.from('value'), timestamp: 0, ...over })

/** A clock, and how often it was asked. */
function scene(nowMs: number) {
  let asked = 0
  const clock = {
    nowMs,
    now() {
      asked++
      return this.nowMs
    },
  }
  return { clock, checks: new OutputChecks(clock), asked: () => asked }
}

test('a record may have as many bytes as its topic takes, the least framing that Kafka needs among them', () => {
  const { checks } = scene(0)
  const maxBytes = 68 + bytesOf(record())
  checks.check('out', { ...noLimits, maxBytes }, record())
  expect(() => checks.check('out', { ...noLimits, maxBytes: maxBytes - 1 }, record())).toThrow(
    `the result for topic out has ${maxBytes} bytes, more than its max.message.bytes ${maxBytes - 1}`,
  )
})

test('a topic whose settings are not known takes anything', () => {
  const { checks } = scene(10 * day)
  const large = { key: null, value: Buffer.alloc(1e6) }
  for (const timestamp of [0, 1e15]) checks.check('out', noLimits, record({ ...large, timestamp }))
})

test('a record may be a day and the topic’s limit before the clock, and no more', () => {
  const { checks } = scene(10 * day)
  const limits = { ...noLimits, beforeMs: 100 }
  const first = 9 * day - 100
  checks.check('out', limits, record({ timestamp: first }))
  const refused = () => checks.check('out', limits, record({ timestamp: first - 1 }))
  expect(refused).toThrow(ProcessError)
  expect(refused).toThrow(`${day + 101} ms before now, more than its message.timestamp.before.max.ms 100`)
})

test('a record that is late by the clock that was seen last is refused by the clock as it is', () => {
  const { clock, checks, asked } = scene(0)
  const limits = { ...noLimits, afterMs: 50 }
  const last = day + 50
  checks.check('out', limits, record({ timestamp: last }))
  expect(asked()).toBe(0)
  expect(() => checks.check('out', limits, record({ timestamp: last + 1 }))).toThrow(ProcessError)
  clock.nowMs = 1
  checks.check('out', limits, record({ timestamp: last + 1 }))
  expect(() => checks.check('out', limits, record({ timestamp: last + 2 }))).toThrow(
    `${day + 51} ms after now, more than its message.timestamp.after.max.ms 50`,
  )
})

test('the clock is asked for a record that seems to be too late alone', () => {
  const { checks, asked } = scene(10 * day)
  const limits = { ...noLimits, afterMs: 50 }
  for (const timestamp of [11 * day, 11 * day, 11 * day + 50, 3 * day])
    checks.check('out', limits, record({ timestamp }))
  expect(asked()).toBe(1)
})

test('a partition of the topic is taken as it is', () => {
  expect([0, 1].map(partition => checkPartition('out', partition, 2))).toEqual([0, 1])
  expect(() => checkPartition('out', 2, 2)).toThrow(ProcessError)
})

test('a topic that has to be looked for is named', () => {
  expect(new UnknownTopic('new')).toMatchObject({ topic: 'new' })
})
