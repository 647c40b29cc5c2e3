import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { examplesOf, faultsOf, modulesOf, played, topologyOf } from '../topology-examples'

const root = resolve(__dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const load = (path: string) => (path.startsWith('.') ? require(resolve(root, 'topology', path)) : require(path))
/** Readers have installed weir; here it is the checkout. */
const here = (page: string) => page.replaceAll("'weir-streams'", "'../src/index'")

const guide = examplesOf(read('topology/README.md'))
const pages = ['tutorial', 'coming-from-kafka-streams', 'coming-from-kafkajs', 'coming-from-faust']
const examples = pages.flatMap(page =>
  examplesOf(here(read(`docs/${page}.md`))).map(example => ({ ...example, title: `${page}: ${example.title}` })),
)

/** Whole modules as they are; the others stand in the frame of the guide's examples. */
const isWhole = (code: string) => code.includes('export default')
const parts = examples.filter(({ code }) => !isWhole(code))
const framed = modulesOf([...guide, ...parts]).slice(guide.length)
const moduleOf = (example: (typeof examples)[number]) =>
  isWhole(example.code) ? example.code : (framed[parts.indexOf(example)] as string)

test('every example compiles', () => expect(faultsOf(examples.map(moduleOf))).toEqual([]), 120_000)

describe('an example does what its page says', () => {
  test.each(examples.map(each => [each.title, each] as const))('%s', async (_title, example) => {
    const { lines = [] } = example
    expect(lines.length).toBeGreaterThan(1)
    expect(await played(topologyOf(moduleOf(example), load), lines)).toEqual(lines)
  })
})

describe('the README of a package', () => {
  const doors = {
    'weir-streams': '../src/index',
    'weir-streams/testing': '../src/testing',
    'weir-stack': '../src/stack',
  }
  const inCheckout = (code: string) =>
    Object.entries(doors).reduce((text, [door, path]) => text.replaceAll(`'${door}'`, `'${path}'`), code)
  /** A reader's ES module may wait at its top; what the checkout compiles is CommonJS. */
  const waiting = (code: string) => {
    if (!/^(const .*= )?await /m.test(code)) return code
    const lines = code.split('\n')
    const isImport = (line: string) => line.startsWith('import ')
    const body = lines.filter(line => !isImport(line))
    return [...lines.filter(isImport), 'export async function main() {', ...body, '}'].join('\n')
  }
  const names = readdirSync(join(root, 'packages')).filter(name =>
    existsSync(join(root, 'packages', name, 'README.md')),
  )
  const modules = names.flatMap(name =>
    examplesOf(read(`packages/${name}/README.md`)).map(({ code }) => [name, waiting(inCheckout(code))] as const),
  )
  const first = modules.find(([name]) => name === 'weir-streams')?.[1] ?? ''

  test('has no code that does not compile', () => {
    expect(modules.map(([name]) => name)).toEqual(expect.arrayContaining(['weir-streams', 'weir-stack']))
    expect(faultsOf(modules.map(([, code]) => code))).toEqual([])
  }, 120_000)

  test('has a topology that runs', async () => {
    const lines = [
      'clicks ann {"page":"home"} @60001',
      '  → clicks-by-page home {"page":"home","from":60000,"count":1} @60001',
      'clicks bo {"page":"home"} @60002',
      '  → clicks-by-page home {"page":"home","from":60000,"count":2} @60002',
    ]
    expect(await played(topologyOf(first, load), lines)).toEqual(lines)
  })
})

test('the service of docs/running.md is the one that is run among the consumers', () => {
  const [, service] = /```ts\n([\s\S]*?)```/.exec(read('docs/running.md')) ?? []
  expect(service).toBe(read('packages/consumers/projects/fastify/service.ts'))
})

test('the test of docs/testing.md passes', async () => {
  const [, script = ''] = /```ts\n([\s\S]*?)```/.exec(read('docs/testing.md')) ?? []
  const compiled = script
    .replace("'weir-streams'", `'${root}/src/index'`)
    .replace("'weir-streams/testing'", `'${root}/src/testing'`)
  const folder = mkdtempSync(join(tmpdir(), 'weir-testing-'))
  try {
    writeFileSync(join(folder, 'meters.ts'), compiled)
    const args = [join(root, 'bin/run.mjs'), join(folder, 'meters.ts')]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(
    faultsOf([
      script.replace("'weir-streams'", "'../src/index'").replace("'weir-streams/testing'", "'../src/testing'"),
    ]),
  ).toEqual([])
}, 120_000)

test('the Persian pages have the code and commands of the English ones', () => {
  const blocks = (file: string) => [...read(file).matchAll(/^```[\s\S]*?^```$/gm)].map(([block]) => block)
  expect(blocks('docs/tutorial.fa.md')).toEqual(blocks('docs/tutorial.md'))
  expect(blocks('README.fa.md').length).toBeGreaterThan(2)
  for (const block of blocks('README.fa.md')) expect(blocks('README.md')).toContain(block)
})

test('links of the Persian pages lead to files', () => {
  for (const [file, folder] of [
    ['README.fa.md', '.'],
    ['docs/tutorial.fa.md', 'docs'],
  ] as const)
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect([target, existsSync(join(root, folder, target))]).toEqual([target, true])
})
