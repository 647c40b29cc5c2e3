import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './on-light'
import { json, weir } from '../ops/weir'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-schemas-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const record = (...fields: readonly object[]) => ({ type: 'record', name: 'R', fields })
const id = { name: 'id', type: 'int' }
const note = { name: 'note', type: 'string' }

async function registered(subject: string, schema: object): Promise<number> {
  const file = join(folder, `${subject}.avsc`)
  writeFileSync(file, JSON.stringify(schema))
  return (await weir(['schemas', 'register', subject, file])).code
}

test('compatibility is shown with whose it is, set, and unset', async () => {
  await registered('levels', record(id))
  const level = async (...line: string[]) =>
    (await json<{ level: string; setBy: string }[]>(['schemas', 'compatibility', ...line])).map(
      row => `${row.level} ${row.setBy}`,
    )
  expect(await level('levels')).toEqual(['BACKWARD registry'])
  expect(await registered('levels', record(id, note))).toBe(4)
  expect(await level('levels', '--set', 'none')).toEqual(['NONE subject'])
  expect(await level('levels')).toEqual(['NONE subject'])
  expect(await level('levels', '--unset')).toEqual(['BACKWARD registry'])
  expect((await weir(['schemas', 'compatibility', '--set', 'full'])).code).toBe(4)
  expect(await level('--set', 'full-transitive', '--yes')).toEqual(['FULL_TRANSITIVE registry'])
  expect(await level('levels')).toEqual(['FULL_TRANSITIVE registry'])
  await level('--set', 'BACKWARD', '--yes')
  for (const line of [['levels', '--set', 'sideways'], ['levels', '--set', 'FULL', '--unset'], ['--unset']])
    expect((await weir(['schemas', 'compatibility', ...line])).code).toBe(2)
})

test("diff with a file alone shows what the file changes in the registry's latest, as the mend of a start says", async () => {
  await registered('grows', record(id))
  const file = join(folder, 'grown.avsc')
  writeFileSync(file, JSON.stringify(record(id, note)))
  const added = [{ change: 'added', field: 'note', from: null, to: '"string"' }]
  expect(await json(['schemas', 'diff', 'grows', file])).toEqual(added)
  expect(await json(['schemas', 'diff', 'grows', 'latest', file])).toEqual(added)
  expect(await json(['schemas', 'diff', 'grows', '1', file])).toEqual(added)
  expect((await weir(['schemas', 'diff', 'grows'])).stderr).toContain('name a file')
})

test('a file that is - is what comes by the stdin of the shell', async () => {
  const ran = await weir(['schemas', 'register', 'piped', '-'], JSON.stringify(record(id)))
  expect([ran.code, ran.stderr]).toEqual([0, 'registered\n'])
  expect((await weir(['schemas', 'check', 'piped', '-'], JSON.stringify(record(id)))).stdout).toContain('same')
  expect((await weir(['schemas', 'diff', 'piped', '-'], JSON.stringify(record(id, note)))).stdout).toContain('added')
  const none = await weir(['groups', 'import', '-'], 'no offsets')
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no offsets')])
})

test('delete needs --yes, takes one version or all, and for good only on demand', async () => {
  await registered('gone', record(id))
  await registered('gone', record(id, { ...note, default: '' }))
  const schemaId = (await json<{ id: number }>(['schemas', 'show', 'gone', '--version', '1'])).id
  const dry = await weir(['schemas', 'delete', 'gone'])
  expect([dry.code, dry.stderr]).toEqual([4, expect.stringContaining('delete subject "gone" (2 versions)')])
  expect((await weir(['schemas', 'delete', 'gone', '--version', '3', '--yes'])).code).toBe(3)
  expect((await weir(['schemas', 'delete', 'gone', '--version', '2', '--yes'])).code).toBe(0)
  expect(await json(['schemas', 'show', 'gone'])).toMatchObject({ version: 1 })
  expect((await weir(['schemas', 'delete', 'gone', '--yes'])).code).toBe(0)
  expect((await weir(['schemas', 'show', 'gone'])).code).toBe(3)
  const text = () => fetch(`${process.env.SCHEMA_REGISTRY_URL}/schemas/ids/${schemaId}`)
  expect((await text()).status).toBe(200)
  const forever = await weir(['schemas', 'delete', 'gone', '--permanent', '--yes'])
  expect([forever.code, forever.stderr]).toEqual([0, 'deleted subject "gone" (2 versions) for good\n'])
  const again = await weir(['schemas', 'delete', 'gone', '--permanent', '--yes'])
  expect(again.code).toBe(3)
})

test('a schema that another one refers to is refused', async () => {
  await registered('address', { type: 'record', name: 'shop.Address', fields: [id] })
  const order = join(folder, 'order.avsc')
  writeFileSync(
    order,
    JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'to', type: 'shop.Address' }] }),
  )
  await weir(['schemas', 'register', 'order', order, '--reference', 'shop.Address=address'])
  const ran = await weir(['schemas', 'delete', 'address', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('the schema registry refused')])
  expect(await json(['schemas', 'show', 'address'])).toMatchObject({ version: 1 })
})
