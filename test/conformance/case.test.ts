import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { loadCases } from './case'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-cases-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const cases = (...names: string[]) =>
  JSON.stringify(names.map(name => ({ name, title: name, spec: { nodes: [] }, inputs: [], outputs: [] })))

test('a family in two files keeps the cases of both', () => {
  writeFileSync(join(folder, 'tables.json'), cases('a'))
  writeFileSync(join(folder, 'tables.json.gz'), gzipSync(cases('b', 'c')))
  writeFileSync(join(folder, 'README.md'), 'not a family')
  const families = loadCases([folder])
  expect([...families.keys()]).toEqual(['tables'])
  expect(families.get('tables')!.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})

test('a folder without cases, and a file that holds none, are told by name', () => {
  expect(() => loadCases([folder])).toThrow(`no cases in ${folder}`)
  expect(() => loadCases([join(folder, 'nowhere')])).toThrow(/no such file or directory/)
  writeFileSync(join(folder, 'broken.json'), '[{')
  expect(() => loadCases([folder])).toThrow(/broken\.json holds no cases: /)
})
