import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text, topology } from '../src'
import { type Example, examplesOf, faultsOf, modulesOf, played, topologyOf } from './topology-examples'

const root = resolve(__dirname, '..')
const page = readFileSync(join(root, 'topology/README.md'), 'utf8')
const examples = examplesOf(page)
const modules = modulesOf(examples)
const load = (path: string) => (path.startsWith('.') ? require(resolve(root, 'topology', path)) : require(path))

test('every example compiles', () => expect(faultsOf(modules)).toEqual([]), 60_000)

const runnable = examples.flatMap(({ title, lines }, i) => (lines ? [[title, lines, modules[i]!] as const] : []))

describe('every example does what the page says', () => {
  test.each(runnable)('%s', async (_title, lines, module) =>
    expect(await played(topologyOf(module, load), lines)).toEqual(lines),
  )

  test('and every method of the language has one', () => {
    const code = examples.map((example: Example) => example.code).join('\n')
    const methods: string[] = []
    const methodsOf = (made: object) => Object.getOwnPropertyNames(Object.getPrototypeOf(made))
    topology('methods', streams => {
      const serdes = { key: text, value: text }
      methods.push(...methodsOf(streams.stream('a', serdes)), ...methodsOf(streams.table('b', serdes)))
    })
    expect(methods.length).toBeGreaterThan(30)
    expect(methods.filter(name => name !== 'constructor' && !code.includes(`.${name}`))).toEqual([])
  })
})

/** Rows of the table: what Kafka Streams calls it, weir's word, yes or no, and the proof or the reason. */
const rows = page
  .split('\n')
  .filter(line => /^\| .* \| (yes|no) \| /.test(line))
  .map(line => line.slice(2, -2).split(/ \| /) as [string, string, string, string])

describe('the table of what Kafka Streams has', () => {
  test('has rows of both kinds', () => {
    expect(rows.filter(([, , has]) => has === 'yes').length).toBeGreaterThan(25)
    expect(rows.filter(([, , has]) => has === 'no').length).toBeGreaterThan(3)
  })

  test.each(rows.filter(([, , has]) => has === 'yes'))('%s is proven', (_what, _weir, _has, proof) => {
    const proofs = [...proof.matchAll(/`([^`]+)`(?: "([^"]+)")?/g)]
    expect(proofs.length).toBeGreaterThan(0)
    for (const [, file = '', name] of proofs) {
      if (file.startsWith('conformance')) {
        const family = file.split(' ')[1]!
        const there = ['cases', 'recorded'].some(each =>
          existsSync(join(root, 'test/conformance', each, `${family}.json.gz`)),
        )
        expect([family, there]).toEqual([family, true])
      } else {
        const text = readFileSync(join(root, file), 'utf8')
        expect(file).toMatch(/\.test\.ts$/)
        if (name !== undefined) expect([file, text.includes(name)]).toEqual([file, true])
      }
    }
  })

  test.each(rows.filter(([, , has]) => has === 'no'))('%s: the reason is told', (_what, _weir, _has, reason) =>
    expect(reason.length).toBeGreaterThan(20),
  )
})
