import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { LightRegistry } from '../../src/light/light-registry'

let registry: LightRegistry
beforeEach(async () => {
  registry = await LightRegistry.start()
})
afterEach(() => registry.close())

const record = (name: string, ...fields: readonly object[]) => ({ type: 'record', name, fields })
const id = { name: 'id', type: 'int' }
const added = { name: 'note', type: 'string', default: '' }

/** Status and JSON of one request. */
async function ask(method: string, path: string, body?: object): Promise<readonly [number, any]> {
  const response = await fetch(`${registry.url}${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
  return [response.status, await response.json()]
}
const register = (subject: string, schema: unknown, more: object = {}) =>
  ask('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(schema), ...more })

test("weir's own client registers, compares and reads by id", async () => {
  const client = new ConfluentRegistry({ url: registry.url })
  expect(await client.hasSubject('s-value')).toBe(false)
  const first = await client.idOf('s-value', record('R', id))
  expect(await client.idOf('s-value', record('R', id))).toBe(first)
  const next = record('R', id, added)
  expect(await client.compatibilityOf('s-value', next as never)).toMatchObject({ state: 'compatible' })
  expect(await client.schemaById(await client.idOf('s-value', next))).toEqual(next)
  const bad = record('R', id, { name: 'other', type: 'string' })
  await expect(client.idOf('s-value', bad)).rejects.toThrow('field other is new and has no default')
  expect(await client.schemaById(99)).toBeUndefined()
})

test('the same schema is one version of a subject, and has one id in all of them', async () => {
  expect(await register('a', record('R', id))).toEqual([200, { id: 1 }])
  expect(await register('b', record('R', id))).toEqual([200, { id: 1 }])
  expect(await register('a', record('R', id, added))).toEqual([200, { id: 2 }])
  expect(await ask('GET', '/subjects')).toEqual([200, ['a', 'b']])
  expect(await ask('GET', '/subjects/a/versions')).toEqual([200, [1, 2]])
  expect(await ask('GET', '/subjects/a/versions/latest')).toMatchObject([200, { subject: 'a', version: 2, id: 2 }])
  expect(await ask('GET', '/schemas/ids/1/versions')).toEqual([
    200,
    [
      { subject: 'a', version: 1 },
      { subject: 'b', version: 1 },
    ],
  ])
  const known = { schema: JSON.stringify(record('R', id), null, 2) }
  expect(await ask('POST', '/subjects/a', known)).toMatchObject([200, { version: 1, id: 1 }])
})

test.each([
  ['BACKWARD', 409, 200],
  ['FORWARD', 200, 409],
  ['FULL', 409, 409],
  ['NONE', 200, 200],
])(
  '%s: a field more without a default is answered with %i, a field less with %i',
  async (compatibility, more, less) => {
    await ask('PUT', '/config/s', { compatibility })
    await ask('PUT', '/config/t', { compatibility })
    const two = record('R', id, { name: 'other', type: 'string' })
    await register('s', record('R', id))
    await register('t', two)
    expect((await register('s', two))[0]).toBe(more)
    expect((await register('t', record('R', id)))[0]).toBe(less)
  },
)

test('a JSON Schema is kept as it is, judged by nothing, and never follows Avro', async () => {
  const client = new ConfluentRegistry({ url: registry.url })
  const open = await client.idOf('json', { type: 'object' }, 'JSON')
  expect(await client.idOf('json', { type: 'object' }, 'JSON')).toBe(open)
  expect(await client.idOf('json', { type: 'string' }, 'JSON')).not.toBe(open)
  expect(await ask('GET', `/schemas/ids/${open}`)).toEqual([200, { schema: '{"type":"object"}', schemaType: 'JSON' }])
  expect(await ask('GET', '/subjects/json/versions/1')).toMatchObject([200, { schemaType: 'JSON', id: open }])
  await register('avro', record('R', id))
  await expect(client.idOf('avro', { type: 'object' }, 'JSON')).rejects.toThrow(
    'version 1 is of AVRO, and this is of JSON',
  )
})

test('a transitive level judges by all versions', async () => {
  const versions = [
    record('R', id, { name: 'x', type: 'int' }),
    record('R', id),
    record('R', id, { name: 'x', type: 'string', default: '' }),
  ]
  for (const schema of versions) expect((await register('last', schema))[0]).toBe(200)
  await ask('PUT', '/config/all', { compatibility: 'BACKWARD_TRANSITIVE' })
  const answers = []
  for (const schema of versions) answers.push((await register('all', schema))[0])
  expect(answers).toEqual([200, 200, 409])
  const asked = { schema: JSON.stringify(versions[2]) }
  expect(await ask('POST', '/compatibility/subjects/all/versions/1?verbose=true', asked)).toMatchObject([
    200,
    { is_compatible: false, messages: [expect.stringContaining('field x')] },
  ])
})

test('types of other subjects are found by reference, and can not be deleted meanwhile', async () => {
  await register('point', record('Point', { name: 'x', type: 'int' }))
  const references = [{ name: 'Point', subject: 'point', version: 1 }]
  const line = record('Line', { name: 'from', type: 'Point' })
  expect(await register('line', line)).toMatchObject([422, { error_code: 42201 }])
  expect((await register('line', line, { references }))[0]).toBe(200)
  expect(await ask('GET', '/subjects/point/versions/1/referencedby')).toEqual([200, [2]])
  expect(await ask('DELETE', '/subjects/point')).toMatchObject([422, { error_code: 42206 }])
  const client = new ConfluentRegistry({ url: registry.url })
  expect(await client.schemaById(2)).toMatchObject({ fields: [{ type: { name: 'Point', fields: [{ name: 'x' }] } }] })
})

test('what is deleted is hidden first and gone later; its number is not given again, and its id stays readable', async () => {
  await register('s', record('R', id))
  await register('s', record('R', id, added))
  expect(await ask('DELETE', '/subjects/s?permanent=true')).toMatchObject([404, { error_code: 40405 }])
  expect(await ask('DELETE', '/subjects/s/versions/1')).toEqual([200, 1])
  expect(await ask('DELETE', '/subjects/s')).toEqual([200, [2]])
  expect(await ask('GET', '/subjects/s/versions')).toMatchObject([404, { error_code: 40401 }])
  expect(await ask('GET', '/subjects?deleted=true')).toEqual([200, ['s']])
  expect((await ask('GET', '/schemas/ids/2'))[0]).toBe(200)
  expect(await register('s', record('R', id))).toEqual([200, { id: 1 }])
  expect(await ask('GET', '/subjects/s/versions')).toEqual([200, [3]])
})

test.each([
  ['GET', '/subjects/none/versions/1', undefined, 404, 40401],
  ['GET', '/schemas/ids/7', undefined, 404, 40403],
  ['GET', '/config/none', undefined, 404, 40408],
  ['PUT', '/config', { compatibility: 'SOME' }, 422, 42203],
  ['POST', '/subjects/s/versions', { schema: '{"type":"what"}' }, 422, 42201],
  ['POST', '/subjects/s/versions', { schema: 'syntax = 3;', schemaType: 'PROTOBUF' }, 422, 42201],
  ['GET', '/nothing', undefined, 404, 404],
])('%s %s is refused as Confluent does', async (method, path, body, status, code) => {
  expect(await ask(method, path, body)).toMatchObject([status, { error_code: code }])
})
