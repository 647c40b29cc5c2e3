import { parseExact } from '../../../src/codecs/exact-json'
import { readPartition } from '../../../src/connectors/kafka'
import { avro, text, topology } from '../../../src/index'
import { avroWriter } from '../../../src/ops/avro/avro-write'
import { Registry } from '../../../src/ops/registry'
import { weir } from '../../ops/weir'
import type { Hostile, Names, Row } from '../case'
import type { Scene } from '../scene'
import { type Each, good, serdes, two } from './parts'

/** A field of every kind, each with a default. */
const every = {
  ...{ type: 'record', name: 'Every', namespace: 'hostile' },
  fields: [
    { name: 'n', type: 'long', default: 0 },
    { name: 'list', type: { type: 'array', items: { type: 'map', values: 'long' } }, default: [] },
    { name: 'tree', type: ['null', 'Every'], default: null },
    { name: 'any', type: ['null', 'double', 'string', { type: 'array', items: 'double' }], default: null },
    { name: 'f', type: 'float', default: 0.5 },
    { name: 'unit', type: { type: 'enum', name: 'Unit', symbols: ['C', 'F'] }, default: 'F' },
    { name: 'id', type: { type: 'fixed', name: 'Id', size: 2 }, default: '\u0001\u00ff' },
    { name: 'props', type: { type: 'map', values: 'string' }, default: { a: 'b' } },
    { name: 'raw', type: 'bytes', default: '\u00ff' },
    { name: 'yes', type: 'boolean', default: true },
  ],
} as const
const [, , , , , unit, id] = every.fields

const withField = (name: string, type: unknown, fallback: unknown) => ({
  ...every,
  fields: every.fields.map(each => (each.name === name ? { ...each, type, default: fallback } : each)),
})

/** Schemas that others write with, by subject. */
const writers: Readonly<Record<string, unknown>> = {
  every,
  nothing: { ...every, fields: [] },
  more: withField('unit', { ...unit.type, symbols: ['C', 'F', 'K'] }, 'C'),
  longer: withField('id', { ...id.type, size: 3 }, 'abc'),
  large: { ...every, doc: 'x'.repeat(900_000) },
  text: 'string',
}

/** JSON that tells apart what JSON doesn't: -0, bigints, bytes. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, each) => {
    if (typeof each === 'bigint') return `${each}n`
    return Object.is(each, -0) ? '-0' : each?.type === 'Buffer' ? Buffer.from(each.data).toString('hex') : each
  })

/** What comes out of a record with these fields. */
const full = (fields: object = {}) => ({
  ...{ n: 0, list: [], tree: null, any: null, f: 0.5, unit: 'F', id: '01ff', props: { a: 'b' }, raw: 'ff', yes: true },
  ...fields,
})

const registryOf = (scene: Scene) => new Registry(scene.services.stack.addresses.registryUrl)

async function register(scene: Scene): Promise<Readonly<Record<string, string>>> {
  await registryOf(scene).register(`${scene.topic('in')}-value`, { schema: JSON.stringify(every) })
  return {}
}

/** Encodes as the schema of that subject says, under its id. */
type Write = (subject: string, json: string) => Buffer

async function writer(scene: Scene): Promise<{ write: Write; idOf(subject: string): number }> {
  const known = new Map<string, { id: number; schema: string }>()
  for (const [name, json] of Object.entries(writers)) {
    const schema = JSON.stringify(json)
    known.set(name, { schema, id: await registryOf(scene).register(`${scene.topic(name)}-value`, { schema }) })
  }
  const idOf = (subject: string) => known.get(subject)!.id
  const write: Write = (subject, json) =>
    avroWriter(known.get(subject)!.schema, idOf(subject)).encode(parseExact(json), true)
  return { write, idOf }
}

const framed = (schemaId: number, ...parts: (string | Buffer)[]) => {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaId, 1)
  return Buffer.concat([head, ...parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'hex') : part))])
}
/** What follows `n`, `list` and `tree`: any, f, unit, id, props, raw, yes. */
const rest = '00 0000003f 02 01ff 00 00 01'.replaceAll(' ', '')

interface Given extends Omit<Each, 'message'> {
  readonly value: Buffer
}
const refused = (came: string, value: Buffer, says: RegExp): Given => ({ came, value, says })
const kept = (came: string, value: Buffer, out: unknown): Given => ({ came, value, out: shown(out) })

/** What is wrong on the wire, whatever the schema. */
function damaged(ours: number): Given[] {
  const at = (came: string, says: RegExp, ...parts: string[]) => refused(came, framed(ours, ...parts), says)
  return [
    at('an array of 2^62 items', /number has no end/, '00', `${'80'.repeat(9)}01`),
    at('an array of −2^63 items', /announced|number/, '00', `${'ff'.repeat(9)}01`, '00'),
    at('a map of 2^40 entries', /number has no end/, '00', '02', '808080808040', '00'),
    at('a branch that the union lacks', /branch|union/, '00', '00', '12'),
    at('a number without an end', /number|end|truncated|varint/i, 'ffffffffffffffffffffff'),
    at('a tree 100,000 deep', /deep/, '000002'.repeat(100_000)),
    at('no UTF-8', /UTF-8/, '00', '00', '00', '0404fffe', '0000003f', '00', '01ff', '00', '00', '01'),
    at('half a record', /number has no end/, '00', '00', '00'),
    at('three bytes more', /3 bytes follow|bytes/, '00', '00', '00', rest, '000000'),
    refused('the magic byte 1', Buffer.from('0100000001', 'hex'), /0x01/),
    refused('the magic byte alone', Buffer.from('00', 'hex'), /magic byte/),
    ...[2_147_483_647, 0, -1, -2_147_483_648].map(unknown =>
      refused(`the schema id ${unknown}`, framed(unknown, '00'), /no schema/),
    ),
  ]
}

function valuesOf(write: Write, ours: number): Given[] {
  const is = (came: string, value: string, fields: object) => kept(came, write('every', value), full(fields))
  return [
    ...damaged(ours),
    kept('none of its fields, each with a default', write('nothing', '{}'), full()),
    kept('a block with a negative count and its size', framed(ours, '00', '01', '02', '00', '00', '00', rest), {
      ...full({ list: [{}], unit: 'F', props: {}, raw: '' }),
    }),
    is('−4503599627370497 in a tree', '{"tree":{"n":-4503599627370497}}', { tree: full({ n: -4503599627370497 }) }),
    is('the largest safe integer in an array of maps', '{"list":[{"a":9007199254740991}]}', {
      list: [{ a: Number.MAX_SAFE_INTEGER }],
    }),
    is('the map keys __proto__ and constructor', '{"props":{"__proto__":"x","constructor":"y","":"z"}}', {
      props: JSON.parse('{"__proto__":"x","constructor":"y","":"z"}'),
    }),
    is('-0', '{"any":-0.0}', { any: '-0' }),
    is('the text NaN', '{"any":"NaN"}', { any: 'NaN' }),
    ...[
      ['NaN in a union', '{"any":{"double":"NaN"}}'],
      ['NaN in an array in a tree', '{"tree":{"any":[1,"NaN"]}}'],
    ].map(([came, value]) => refused(came as string, write('every', value as string), /any.*NaN|NaN.*any/)),
    refused('an infinite float', write('every', '{"f":"-Infinity"}'), /f\b.*Infinity/),
    refused(
      'an enum with a symbol that the reader lacks',
      write('more', '{"unit":"K"}'),
      /K is no symbol of enum hostile\.Unit/,
    ),
    kept('another record of that schema', write('more', '{"unit":"F"}'), full({ unit: 'F' })),
    refused('a fixed of another size', write('longer', '{"id":"abc"}'), /\bid\b/),
    refused('another type', write('text', '"x"'), /record|Every/),
    kept('a schema of 900 kB', write('large', '{"n":1}'), full({ n: 1 })),
  ]
}

const large = (write: Write): Given[] => [
  refused('2^63 − 1 in an array of maps', write('every', '{"list":[{"a":9223372036854775807}]}'), /list.*2\^53/),
  refused('−2^63 in a tree', write('every', '{"tree":{"n":-9223372036854775808}}'), /tree.*2\^53/),
]

const asText = (long: 'number' | 'bigint') => (names: Names) =>
  topology(names.run, streams => {
    const value = avro({ name: 'Every', json: every } as never, { long } as never)
    streams
      .stream(names.topic('in'), { key: text, value })
      .mapValues(shown)
      .to(names.topic('out'), { key: text, value: text })
  })

async function rowsOf(scene: Scene, inputs: readonly Given[], neighbour: Buffer, seen: unknown): Promise<Row[]> {
  await scene.working()
  const neighbours = good(20).map(each => ({ ...each, value: neighbour }))
  const sent = inputs.map(({ value }, i) => ({ key: 'v', value, partition: i % 2, headers: { row: `${i}` } }))
  await scene.send('in', [...neighbours.slice(0, 10), ...sent, ...neighbours.slice(10)])
  const letters = async () => scene.read('', `${scene.topic('in')}_dead_letters`)
  const settled = async () => (await scene.read('out')).length + (await letters()).length >= 20 + inputs.length
  await scene.until(settled, `${inputs.length} records and 20 neighbours`)
  const outs = await scene.read('out')
  const through = outs.filter(each => each.headers.row === undefined && each.value === shown(seen)).length
  if (through !== 20) throw new Error(`${through} of 20 neighbours came through as ${shown(seen)}`)
  const byRow = new Map(outs.map(each => [each.headers.row, each.value]))
  const reasons = new Map((await letters()).map(each => [each.headers.row, each.headers['weir.error.message'] ?? '']))
  return inputs.map(({ came, says, out }, i) => {
    const [result, reason] = [byRow.get(`${i}`), reasons.get(`${i}`)]
    const isRight = says === undefined ? result === out : says.test(reason ?? '')
    return { came, out: (reason ?? `through as ${result}`).slice(0, 160), isRight }
  })
}

/** Values of one partition as they are. */
async function bytesOf(scene: Scene, name: string): Promise<string[]> {
  const found: string[] = []
  const { cluster } = scene.services
  for await (const batch of readPartition({ cluster }, { topic: scene.topic(name), partition: 0 }))
    for (let i = 0; i < batch.count; i++)
      found.push(batch.buffer.toString('hex', batch.valueStart[i]!, batch.valueEnd[i]!))
  return found
}

/** Avro as producers send it, and as it is copied. */
export const avros: readonly Hostile[] = [
  {
    id: 'B10a',
    came: 'Avro values, with longs as numbers',
    topics: { in: two, out: two },
    isQuick: true,
    before: register,
    topology: asText('number'),
    async run(scene) {
      const { write, idOf } = await writer(scene)
      return rowsOf(scene, [...valuesOf(write, idOf('every')), ...large(write)], write('every', '{}'), full())
    },
  },
  {
    id: 'B10b',
    came: 'Avro values, with longs as bigints',
    topics: { in: two, out: two },
    before: register,
    topology: asText('bigint'),
    async run(scene) {
      const { write } = await writer(scene)
      const of = (n: bigint) => full({ n: `${n}n` })
      const numbers = [2n ** 63n - 1n, -(2n ** 63n), -4503599627370497n, 9007199254740993n, 0n]
      const inputs = numbers.map(n =>
        kept(`${n} in a tree`, write('every', `{"tree":{"n":${n}}}`), { ...of(0n), tree: of(n) }),
      )
      return rowsOf(scene, inputs, write('every', '{}'), of(0n))
    },
  },
  {
    id: 'B11',
    came: 'each of these, copied by consume and produce --records',
    topics: { idle: two, in: { partitions: 1 }, copied: { partitions: 1 } },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams.stream(names.topic('idle'), serdes).to(names.topic('idle-out'), serdes)
      }),
    async run(scene) {
      const { kafkaBrokers, registryUrl } = scene.services.stack.addresses
      const at = ['--brokers', kafkaBrokers, '--registry', registryUrl]
      const { write, idOf } = await writer(scene)
      const inputs = [...valuesOf(write, idOf('every')), ...large(write)]
      await scene.send(
        'in',
        inputs.map(({ value }) => ({ key: null, value })),
      )
      const read = await weir(['consume', scene.topic('in'), '-e', '-o', 'ndjson', ...at])
      if (read.code !== 0) throw new Error(`consume ended with ${read.code}: ${read.stderr}`)
      const written = await weir(['produce', scene.topic('copied'), '--records', ...at], read.stdout)
      if (written.code !== 0) throw new Error(`produce ended with ${written.code}: ${written.stderr}`)
      const [sent, copied] = [await bytesOf(scene, 'in'), await bytesOf(scene, 'copied')]
      return inputs.map(({ came }, i) => ({
        came: `a copy of ${came}`,
        out: copied[i] === sent[i] ? 'the same bytes' : `${copied[i]}`.slice(0, 160),
        isRight: copied[i] === sent[i] && copied.length === inputs.length,
      }))
    },
  },
]
