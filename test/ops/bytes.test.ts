import { execFileSync } from 'node:child_process'
import { CODECS } from '../../src/connectors/kafka/read/decompress'
import { type KafkaStack, laneKafka } from '../scenarios/kafka-stack'
import { weir } from './weir'

const codecs = CODECS.map(([name]) => name).filter(name => name !== 'none')
let kafka: KafkaStack
let brokers: string

beforeAll(async () => {
  kafka = await laneKafka()
  brokers = kafka.config.brokers.join(',')
  process.env.KAFKA_BROKERS = brokers
  process.env.SCHEMA_REGISTRY_URL = ''
})

const made = async (name: string, ...more: string[]) =>
  expect((await weir(['topics', 'create', name, '-p', '1', ...more])).code).toBe(0)
const kcat = (input: string | Buffer, ...args: string[]) => execFileSync('kcat', ['-b', brokers, ...args], { input })
/** Everything that kcat tells of a topic's records, in hexadecimal where they may be binary. */
const seen = (name: string) => kcat('', '-C', '-t', name, '-e', '-q', '-f', '%o %T %K %k %S %s %h\n').toString('hex')

test('a copy by consume and produce --records has the very bytes: binary, null and empty ones, headers, digits', async () => {
  await made('bytes')
  await made('bytes-copy')
  const send = (input: string | Buffer, ...args: string[]) => kcat(input, '-P', '-t', 'bytes', '-K', ':', ...args)
  send('a:1\n', '-H', 'h=1', '-H', 'h=2', '-H', 'empty=', '-H', 'null')
  send(Buffer.from([0x6b, 0, 0xff, 0x3a, 0xfe, 1, 10]))
  send('null:\n', '-Z')
  send('empty:\n:no key\n')
  send('id:{"id": 12345678901234567890, "x" : 1.0}\n"AP8=":AP8=\n')
  for (const codec of codecs) send(`${codec}:${'squeezed '.repeat(50)}\n`, '-z', codec)
  const { code, stdout, stderr, lines } = await weir(['consume', 'bytes', '-e'])
  expect([code, stderr]).toEqual([0, ''])
  const heads = lines.map(line => JSON.parse(line)).slice(0, 2)
  expect(heads[0].headers).toEqual(['h', '1', 'h', '2', 'empty', '', 'null', null])
  expect(heads[1]).toMatchObject({ key: 'awD/', payload: '/gE=', base64: ['key', 'payload'] })
  const sent = await weir(['produce', 'bytes-copy', '--records'], stdout)
  // Whether a registry answers where the local stack's would be is this machine's affair.
  const acknowledged = new RegExp(`(^|\\n)${7 + codecs.length} records acknowledged by the broker\\n$`)
  expect([sent.code, sent.stderr]).toEqual([0, expect.stringMatching(acknowledged)])
  expect(seen('bytes-copy')).toBe(seen('bytes'))
})

test.each(codecs)('batches of %s, of runs and of noise, larger than its blocks', async codec => {
  const name = `large-${codec}`
  await made(name, '-c', 'max.message.bytes=10000000')
  let seed = 7
  const noise = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed.toString(36)
  }
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    i % 3 === 0 ? noise().repeat(1 + (i % 90)) : i % 3 === 1 ? 'same again' : noise(),
  )
  kcat(lines.join('\n'), '-P', '-t', name, '-z', codec, '-X', 'linger.ms=500', '-X', 'message.max.bytes=9000000')
  expect((await weir(['consume', name, '-e', '-f', '%s\\n'])).lines).toEqual(lines)
})

test('-f has lengths and headers as kcat has them', async () => {
  await made('lengths')
  kcat('a:12\n', '-P', '-t', 'lengths', '-K', ':', '-H', 'h=1', '-H', 'h=2', '-H', 'null')
  kcat('b:\n', '-P', '-t', 'lengths', '-K', ':', '-Z')
  const format = '%o %K %k %S %s %h\\n'
  const theirs = kcat('', '-C', '-t', 'lengths', '-e', '-q', '-f', format).toString('utf8')
  expect((await weir(['consume', 'lengths', '-e', '-f', format])).stdout).toBe(theirs)
})

test('a header may be given twice, and a separator be written \\t', async () => {
  await made('headers')
  await weir(['produce', 'headers', '-K', '\\t', '-H', 'a=1', '-H', 'a=2'], 'k\tv\n')
  const [line] = (await weir(['consume', 'headers', '-e'])).lines
  expect(JSON.parse(line!)).toMatchObject({ key: 'k', payload: 'v', headers: ['a', '1', 'a', '2'] })
})

test('a line that the topic would refuse for its size is told by its number, and the others are sent', async () => {
  await made('narrow', '-c', 'max.message.bytes=1000')
  const sent = await weir(['produce', 'narrow'], `one\n${'x'.repeat(1_000)}\nthree\n`)
  expect([sent.code, sent.stderr]).toEqual([
    ...[1, expect.stringContaining('line 2: it makes 1070 bytes, and the topic takes up to 1000 (max.message.bytes)')],
  ])
  // The largest one that it does take; many small ones, which don't fit into one batch.
  const fits = [`${'x'.repeat(930)}`, ...Array.from({ length: 500 }, (_, i) => `record ${i}`)]
  for (const more of [[], ['--atomic']])
    expect(await weir(['produce', 'narrow', ...more], fits.join('\n'))).toMatchObject({ code: 0 })
  const [count] = (await weir(['topics', 'count', 'narrow', '--exact', '-o', 'ndjson'])).lines
  expect(JSON.parse(count!).records).toBe(2 + 2 * 501)
})
