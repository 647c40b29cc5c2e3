import { resolve } from 'node:path'
import { faultsOf, played, topologyOf } from '../topology-examples'
import { type Callable, callables, type DocExample, moduleOf } from './docstrings'

const root = resolve(__dirname, '../..')
const load = (path: string) => (path.startsWith('.') ? require(resolve(root, 'topology', path)) : require(path))
const all = callables()
const examples = all.flatMap(({ example }): DocExample[] => (example ? [example] : []))

describe('what an author can call', () => {
  test('has an example in its docstring', () => {
    const without = all.filter(({ example }: Callable) => example === undefined || example.lines.length === 0)
    expect(without.map(({ title }) => title)).toEqual([])
    expect(all.length).toBeGreaterThan(70)
  })

  test('compiles as its example shows it', () => expect(faultsOf(examples.map(moduleOf))).toEqual([]), 120_000)
})

describe('an example does what it says', () => {
  test.each(examples.map(example => [example.title, example] as const))('%s', async (_title, example) => {
    expect(await played(topologyOf(moduleOf(example), load), example.lines)).toEqual(example.lines)
  })
})
