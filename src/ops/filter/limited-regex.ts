import { performance } from 'node:perf_hooks'
import { type Context, createContext, Script } from 'node:vm'
import { UsageError } from '../errors'

/** Steps of a match that certainly end soon, in about ten ms. */
const fewSteps = 1_000_000
/** The longest that a match may take, ms. */
const longestMs = 250
/** What all matches may take beyond 1 ms each, ms. */
const longestTogetherMs = 2_000

const script = new Script('pattern.test(text)')

/**
 * How a regular expression is tested that somebody has typed. Node's engine tries all ways to match, which for `(a+)+b` doubles with each letter
 * of the text and would hold the process up for good. What may take many steps runs under a timeout, 0.1 ms slower. The test throws UsageError for what
 * takes too long.
 */
export function limitedTest(pattern: RegExp): (text: string) => boolean {
  const steps = stepsOf(pattern.source)
  const seen: { readonly pattern: RegExp; text: string } = { pattern, text: '' }
  let context: Context | undefined
  let leftMs = longestTogetherMs
  const run = (text: string): boolean => {
    if (steps(text.length) <= fewSteps) return pattern.test(text)
    context ??= createContext(seen)
    seen.text = text
    try {
      return script.runInContext(context, { timeout: longestMs }) as boolean
    } catch (error) {
      throw isTimeout(error) ? tooSlow(pattern) : error
    }
  }
  return text => {
    const startedAt = performance.now()
    const found = run(text)
    leftMs = Math.min(longestTogetherMs, leftMs + 1 - (performance.now() - startedAt))
    if (leftMs < 0) throw tooSlow(pattern)
    return found
  }
}

const isTimeout = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

const tooSlow = (pattern: RegExp) =>
  new UsageError(
    `filter: ${pattern} takes too long (more than ${longestMs} ms on a text, or 1 ms on many): write it without a repetition within a repetition`,
  )

/** At most how many steps a match takes in a text of `length`: without a repeated group, a power of it. */
function stepsOf(source: string): (length: number) => number {
  const plain = source.replace(/\\./gs, '_').replaceAll('(?', '(')
  if (/\)[*+{?]/.test(plain)) return () => Number.POSITIVE_INFINITY
  const repeated = plain.match(/[*+{?]/g)?.length ?? 0
  const ways = 2 ** (plain.match(/\|/g)?.length ?? 0)
  return length => ways * (length + 1) ** (1 + repeated)
}
