import { type Cut, cutShort } from '../outcome'
import { tryPlanted } from './find'

const bug = { name: 'a-bug', why: 'something is wrong' }
/** Lanes in which this seed fails. */
const lanesWhere = (failing: number, words: string, cut?: Cut) => ({
  run: async ({ seed }: { readonly seed: number }) => {
    const { cut: _, ...outcome } = cutShort(seed, 'exit', words)
    return seed === failing ? { ...outcome, ...(cut && { cut }) } : { ...outcome, violations: [] }
  },
})

test.each([
  [undefined, 'table raw: 1 lost'],
  ['crash', 'the simulation crashed'],
  ['exit', 'it ended its process (7)'],
  ['late', 'it took longer than 120 s'],
] as const)('a planted bug is found by a seed that fails (%s)', async (cut, words) => {
  const line = `a-bug (something is wrong): 4 seeds, ${words}`
  expect(await tryPlanted(bug, lanesWhere(4, words, cut), 10)).toEqual({ seeds: 4, line })
})

test('a planted bug that no process can load was not found', async () => {
  const words = 'it does not load: SyntaxError'
  expect(await tryPlanted(bug, lanesWhere(1, words, 'load'), 10)).toEqual({
    line: `a-bug (something is wrong): ${words}`,
  })
})

test('a planted bug with which all seeds are right was not found', async () => {
  const line = 'a-bug (something is wrong): not found in 10 seeds'
  expect(await tryPlanted(bug, lanesWhere(11, 'never'), 10)).toEqual({ line })
})
