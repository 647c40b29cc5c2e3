import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
