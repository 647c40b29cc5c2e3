import { createHash } from 'node:crypto'
import { cutRecords } from '../../src/connectors/kafka/protocol/record-batch-encoder'
import { letterFacts, recordHeaders } from '../../src/connectors/letter-headers'
import { deadLetter, deadLetterLimits } from '../../src/engine/plan/dead-letter'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { text, topology } from '../../src/index'
import { batchOf } from '../../src/testing/memory-kafka'

const maxBytes = 10_000
const fault = { application: 'app', task: '0_3', step: 'rows', error: new Error('a reason that is told') }

function letterOf(keyBytes: number, headerBytes: number, valueBytes: number) {
  const key = Buffer.alloc(keyBytes, 'k')
  const value = Buffer.alloc(valueBytes, 'v')
  const headers = { mine: Buffer.alloc(headerBytes, 'h') }
  const at = { topic: 'rows', partition: 3 }
  const batch = batchOf(at, [{ ...at, key, value, headers, timestamp: 5, offset: 7 }])
  const letter = deadLetter(batch, 0, fault, maxBytes)
  const said = Object.fromEntries(
    (letter.headerList ?? Object.entries(letter.headers ?? {})).map(([name, each]) => [name, String(each)]),
  )
  return { letter, said, key, value, bytes: cutRecords([letter], 0)[0]!.bytes }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test.each([
  [10, 10, 8_000, []],
  [10, 10, 20_000, ['value']],
  [8_000, 10, 8_000, ['value']],
  [20_000, 10, 10, ['key', 'headers', 'value']],
  [10, 20_000, 8_000, ['headers']],
  [5_000, 20_000, 20_000, ['headers', 'value']],
])('a key of %i, a header of %i and a value of %i bytes fit, cut: %j', (keyBytes, headerBytes, valueBytes, cuts) => {
  const { letter, said, key, value, bytes } = letterOf(keyBytes, headerBytes, valueBytes)
  expect(bytes).toBeLessThanOrEqual(maxBytes)
  expect(said).toMatchObject({ 'weir.origin.offset': '7', 'weir.error.message': 'a reason that is told' })
  expect(['key', 'headers', 'value'].filter(part => `weir.${part}.length` in said)).toEqual(cuts)
  for (const [name, whole, stored] of [
    ['key', key, letter.key],
    ['value', value, letter.value],
  ] as const) {
    expect(whole.subarray(0, stored!.length).equals(stored!)).toBe(true)
    if (stored!.length === whole.length) continue
    expect(said).toMatchObject({ [`weir.${name}.length`]: `${whole.length}`, [`weir.${name}.sha256`]: sha256(whole) })
  }
  expect('mine' in said).toBe(!cuts.includes('headers' as never))
})

test('their topic takes the largest record of the source and 64 KiB, and what it takes is what is cut to', async () => {
  const serdes = { key: text, value: text }
  const plan = planOf(
    topology('letters', s => {
      for (const topic of ['usual', 'large', 'kept']) s.stream(topic, serdes).to(`${topic}-out`, serdes)
    }),
  )
  const configs: Record<string, string> = {
    usual: '1048588',
    large: '9000000',
    kept: '1048588',
    kept_dead_letters: '77',
  }
  const limits = await deadLetterLimits(plan, {
    topicConfigs: async topics =>
      new Map(
        topics.flatMap(topic =>
          configs[topic] === undefined ? [] : [[topic, new Map([['max.message.bytes', configs[topic]!]])]],
        ),
      ),
  })
  expect(Object.fromEntries(limits)).toEqual({ usual: 1_048_588 + 65_536, large: 9_065_536, kept: 77 })
  const broker = { partitionCounts: async () => new Map(['usual', 'large', 'kept'].map(topic => [topic, 2])) }
  const { needs } = await planTopics(plan, broker, limits)
  expect(needs.find(({ topic }) => topic === 'large_dead_letters')?.configs).toMatchObject({
    'max.message.bytes': '9065536',
  })
})

test("a producer's headers that are called like weir's own stay as they came, and weir's stand behind them", () => {
  const at = { topic: 'rows', partition: 3 }
  const headers = { 'weir.application': Buffer.from('theirs'), 'weir.step': Buffer.from('theirs'), a: Buffer.from('1') }
  const batch = batchOf(at, [{ ...at, key: null, value: Buffer.from('v'), headers, timestamp: 5, offset: 7 }])
  const list = deadLetter(batch, 0, fault, maxBytes).headerList ?? []
  expect(recordHeaders(list)).toEqual(Object.entries(headers))
  expect(letterFacts(list)).toMatchObject({ application: 'app', step: 'rows', origin: { ...at, offset: 7 } })
})
