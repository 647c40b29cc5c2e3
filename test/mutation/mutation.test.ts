import { runInNewContext } from 'node:vm'
import { transformSync } from '@swc/core'
import { choose } from './results/choose'
import { resultsPage, scoreOf } from './results/report'
import type { Tried } from './results/tried'
import { type Mutant, SWITCH, schemata } from './schemata/schemata'

const sample = `
export function takeDue(waiting: readonly { at: number; done?: boolean }[], now: number): number[] {
  const due = waiting.filter(({ at, done }) => at <= now && !done)
  log.info('due ' + (due.length + 1))
  if (due.length === 0) return []
  if (now < 0) throw new RangeError(\`now is \${now - 1}\`)
  let sum = 0
  for (const { at } of due) sum += at ?? 7
  const last = waiting?.at(-1)?.at
  return [sum, Math.max(...due.map(({ at }) => at)), last ?? 0]
}
`

const { mutants, code } = schemata('sample.ts', sample)
const compiled = transformSync(code, {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
}).code

/** What the sample does with one mutant on; -1: none. */
function run(on: number, waiting: readonly { at: number; done?: boolean }[], now: number): unknown {
  const module = { exports: {} as { takeDue?: (waiting: unknown, now: number) => unknown } }
  const log = { info: () => {} }
  runInNewContext(compiled, { module, exports: module.exports, log, [SWITCH]: (number: number) => number === on })
  return JSON.parse(JSON.stringify(module.exports.takeDue?.(waiting, now)))
}

const rows = [{ at: 1 }, { at: 3, done: true }, { at: 5 }, { at: 9 }]
const numberOf = (operator: string, from: string, to: string) =>
  mutants.findIndex(each => each.operator === operator && each.from === from && each.to === to)

describe('a file with its mutants', () => {
  it('does what its source does while none is on', () => {
    expect(run(-1, rows, 5)).toEqual([6, 5, 9])
    expect(run(-1, [], 5)).toEqual([])
    expect(() => run(-1, rows, -1)).not.toThrow()
  })

  it('does what the one does that is on, and no other', () => {
    expect(run(numberOf('boundary', 'at <= now', '(at) < (now)'), rows, 5)).toEqual([1, 1, 9])
    expect(run(numberOf('negation', '!done', 'done'), rows, 5)).toEqual([3, 3, 9])
    expect(
      run(numberOf('method', 'Math.max(...due.map(({ at }) => at))', 'Math.min(...due.map(({ at }) => at))'), rows, 5),
    ).toEqual([6, 1, 9])
    expect(run(numberOf('fallback', 'last ?? 0', '0'), rows, 5)).toEqual([6, 5, 0])
    expect(run(numberOf('statement removed', 'sum += at ?? 7', ''), rows, 5)).toEqual([0, 5, 9])
    expect(run(numberOf('condition', 'due.length === 0', 'true'), rows, 5)).toEqual([])
  })

  it('has each of them once, and knows its line', () => {
    expect(new Set(mutants.map(({ key }) => key)).size).toBe(mutants.length)
    expect(mutants.find(({ from }) => from === 'at <= now')?.line).toBe(3)
    expect(mutants.length).toBeGreaterThan(25)
  })

  it('has none in lines of the log, texts of errors and types', () => {
    const places = mutants.map(({ from }) => from)
    expect(places).not.toContain('due.length + 1')
    expect(places).not.toContain('now - 1')
    expect(places).not.toContain('boolean')
    expect(mutants.filter(({ from }) => from.startsWith('throw'))).toHaveLength(1)
  })

  it('keeps the names of mutants whose lines stay as they are', () => {
    const moved = schemata('sample.ts', `// One line more.\n${sample}`)
    expect(moved.mutants.map(({ key }) => key)).toEqual(mutants.map(({ key }) => key))
  })
})

describe('a sample', () => {
  const all: Mutant[] = ['a.ts', 'b.ts', 'c.ts'].flatMap((file, i) =>
    Array.from({ length: [60, 30, 1][i] ?? 0 }, (_, n) => ({ ...mutants[0], file, key: `${file} ${n}` }) as Mutant),
  )
  const countOf = (chosen: readonly Mutant[], file: string) => chosen.filter(each => each.file === file).length

  it('has some of every file, by its share', () => {
    const chosen = choose(all, 31, 1)
    expect(['a.ts', 'b.ts', 'c.ts'].map(file => countOf(chosen, file))).toEqual([20, 10, 1])
  })

  it('is the same for a seed, another for another, and a larger one has the smaller one in it', () => {
    expect(choose(all, 20, 1)).toEqual(choose(all, 20, 1))
    expect(choose(all, 20, 2)).not.toEqual(choose(all, 20, 1))
    const larger = new Set(choose(all, 40, 1))
    expect(choose(all, 20, 1).filter(each => !larger.has(each))).toEqual([])
  })
})

it('counts an answered survivor neither as killed nor as survived, and lists the others', () => {
  const [first, second, third] = mutants as [Mutant, Mutant, Mutant]
  const fates = [
    [first.key, 'unit'],
    [second.key, 'survived'],
    [third.key, 'survived'],
  ] as const
  const tried = new Map<string, Tried>(fates.map(([key, fate]) => [key, { key, fate, date: '2026-11-30' }]))
  const answers = new Map([[second.key, 'the same']])
  expect(scoreOf('all', mutants, tried, answers)).toMatchObject({ tried: 3, unit: 1, answered: 1, survived: 1 })
  const page = resultsPage({ mutants, tried, answers, seeds: 40, patienceSeconds: 20, date: '2026-11-30' })
  expect(page).toContain('50.0 % killed')
  expect(page).toContain(`sample.ts:${third.line}: ${third.operator}`)
  expect(page.split('\n').filter(line => line.startsWith('- '))).toHaveLength(1)
})
