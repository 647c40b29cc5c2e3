import { type AvroSchema, postgres, topology } from '../../../src/index'
import type { Hostile } from '../case'
import { type Scene, same } from '../scene'
import { type GivenRow, givenRows, optional } from './given-rows'
import { body, good, serdes, tableOf, two } from './parts'

interface Tree {
  readonly text: string
  readonly next: Tree | null
}
interface Typed {
  readonly id: string
  readonly unit: string | null
  readonly uid: string | null
  readonly price: string | null
  readonly tree: Tree | null
  readonly tags: Readonly<Record<string, string>> | null
}
const tree = {
  type: 'record' as const,
  name: 'Tree',
  fields: [{ name: 'text', type: 'string' as const }, optional('next', 'Tree')],
}
/** Columns whose types are Postgres's own, and of an enum, which is a text with a check. */
const typed: AvroSchema<Typed> = {
  name: 'typed',
  json: {
    ...{ type: 'record', name: 'Typed', namespace: 'hostile' },
    fields: [
      { name: 'id', type: 'string' },
      optional('unit', { type: 'enum', name: 'Unit', symbols: ['C', 'F'] }),
      optional('uid', { type: 'string', logicalType: 'uuid' }),
      optional('price', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }),
      optional('tree', tree),
      optional('tags', { type: 'map', values: 'string' }),
    ],
  },
}

const uid = '3F2504E0-4F89-11D3-9A0C-0305E82C3301'
/** `levels` and `letters` are made of what they say by a step: no topic would take them. */
const inputs: readonly GivenRow[] = [
  { came: 'a symbol of the enum', row: { unit: 'F' }, holds: ['unit', 'F'] },
  { came: 'a text that is no symbol of the enum', row: { unit: 'K' }, says: /column unit|typed_unit|check constraint/ },
  { came: 'no text at all for an enum', row: { unit: 7 }, says: /column unit/ },
  { came: 'a uuid in capitals', row: { uid }, holds: ['uid', uid.toLowerCase()] },
  { came: 'a uuid in braces', row: { uid: `{${uid}}` }, says: /column uid: .* uuid/ },
  { came: 'a uuid of one digit less', row: { uid: uid.slice(1) }, says: /column uid: .* uuid/ },
  { came: 'an empty uuid', row: { uid: '' }, says: /column uid: .* uuid/ },
  { came: 'a decimal of all its digits', row: { price: '12345678.90' }, holds: ['price', '12345678.90'] },
  { came: 'a decimal of one digit more', row: { price: '123456789.00' }, says: /column price: .* 10 digits, 2/ },
  { came: 'a decimal of one digit more behind the point', row: { price: '1.005' }, says: /column price/ },
  { came: 'a decimal below zero', row: { price: '-0.01' }, holds: ['price', '-0.01'] },
  { came: 'a decimal that is NaN', row: { price: 'NaN' }, says: /column price/ },
  { came: 'a decimal that is infinite', row: { price: 'Infinity' }, says: /column price/ },
  { came: 'a decimal with an exponent', row: { price: '1e3' }, says: /column price/ },
  { came: 'jsonb of 900 levels', row: { levels: 900 }, holds: ["tree->'next'->>'text'", 'level'] },
  { came: 'jsonb of 1,100 levels', row: { levels: 1_100 }, says: /nested deeper than 1000 levels/ },
  { came: 'jsonb of 100,000 levels', row: { levels: 100_000 }, says: /nested deeper than 1000 levels/ },
  { came: 'jsonb with a text of 1 MB', row: { letters: 1e6 }, holds: ["length(tree->>'text')", '1000000'] },
  { came: 'jsonb with a text of 300 MB', row: { letters: 3e8 }, says: /a row may have/ },
  { came: 'jsonb with NUL in a text', row: { tags: { a: 'x\u0000' } }, says: /tags.*NUL/ },
  { came: 'jsonb with NUL in a key', row: { tags: { 'a\u0000': 'x' } }, says: /tags.*NUL/ },
  { came: 'jsonb with half a character', row: { tags: { a: '\ud83d' } }, says: /tags.*surrogate/ },
  {
    came: 'jsonb with a key like a prototype',
    row: { tags: { ['__proto__']: 'x' } },
    holds: ["tags->>'__proto__'", 'x'],
  },
  { came: 'a map that is a list', row: { tags: ['a'] }, says: /tags/ },
]

/** As deep, or as long, as a record asks for. */
function grown({ levels, letters, ...value }: any): Typed {
  let made: Tree | null = letters === undefined ? null : { text: 'x'.repeat(letters), next: null }
  for (let i = 0; i < (levels ?? 0); i++) made = { text: 'level', next: made }
  return { unit: null, uid: null, price: null, tags: null, ...value, tree: made }
}

const typedBody = ({ row }: GivenRow, i: number): string =>
  Object.hasOwn((row['tags'] as object) ?? {}, '__proto__')
    ? `{"id":"row ${i}","tags":{"__proto__":"x"}}`
    : body({ id: `row ${i}`, ...row })

/** A table of so many columns: a text that it is known by, and numbers. */
const wide = (count: number): AvroSchema<any> => ({
  name: 'wide',
  json: {
    ...{ type: 'record', name: 'Wide', namespace: 'hostile' },
    fields: [
      { name: 'id', type: 'string' },
      ...Array.from({ length: count - 1 }, (_, i) => ({ name: `c${i}`, type: 'int' as const })),
    ],
  },
})

const toWide =
  (count: number, mode: 'append' | 'upsert'): Hostile['topology'] =>
  names =>
    topology(names.run, streams => {
      const row = Object.fromEntries(Array.from({ length: count - 1 }, (_, i) => [`c${i}`, i]))
      streams
        .stream(names.topic('in'), serdes)
        .mapValues(({ n }, key) => ({ id: key, ...row, c0: n }))
        .to(postgres({ table: tableOf(names), schema: wide(count), mode, ...(mode === 'upsert' && { key: ['id'] }) }))
    })

const firstColumns = async (scene: Scene) =>
  (await scene.sql<{ c0: number }>(`SELECT c0 FROM ${tableOf(scene.names)}`)).map(({ c0 }) => String(c0))

/** Tables of many columns, and columns of Postgres's own types. */
export const columns: readonly Hostile[] = [
  {
    id: 'V8',
    came: "values for columns of enums and of Postgres's uuid, numeric and jsonb",
    topics: { in: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .mapValues(grown)
          .to(postgres({ table: tableOf(names), schema: typed, mode: 'append' }))
      }),
    run: scene => givenRows(scene, inputs, { bodyOf: typedBody }),
  },
  {
    id: 'A5i',
    came: 'a table of 1,599 columns and two of origin: one more than Postgres has',
    ...{ topics: { in: two }, topology: toWide(1_599, 'append'), isQuick: true },
    async run(scene) {
      void scene.ended()
      const said = await scene.until(
        () => scene.lines.find(line => /makes 1601 columns, and a table of Postgres has 1600 at most/.test(line)),
        'a word of how many columns there may be',
      )
      return `refused: ${said.slice(0, 200)}`
    },
  },
  {
    id: 'A5j',
    came: 'a table of 1,600 columns, as many as Postgres has, to upsert',
    ...{ topics: { in: two }, topology: toWide(1_600, 'upsert') },
    async run(scene) {
      await scene.working()
      await scene.send('in', good(40))
      await scene.until(async () => (await firstColumns(scene)).length >= 40, '40 rows')
      const numbers = Array.from({ length: 40 }, (_, i) => `${i}`)
      same('rows', await firstColumns(scene), numbers)
      await scene.letters('in', 0)
      return '40 rows of 1,600 columns'
    },
  },
]
