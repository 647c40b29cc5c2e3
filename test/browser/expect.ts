import type { Locator } from 'playwright-core'
import { until } from '../scenarios/kafka-stack'

const limitMs = 20_000

/**
 * Waits until a part of the page is as it should be: a page becomes right a little after what it shows. What isn't right in time is told with what
 * stood there instead.
 */
export const expect = (part: Locator) => ({
  /** Its text, once it matches. */
  says: (pattern: RegExp, ms = limitMs): Promise<string> =>
    read(part, textOf, text => pattern.test(text), `${pattern}`, ms),

  hasValue: (value: string): Promise<string> =>
    read(
      part,
      each => each.inputValue(),
      now => now === value,
      value,
    ),

  has: (attribute: string, value: string): Promise<string> =>
    read(
      part,
      async each => (await each.getAttribute(attribute)) ?? '',
      now => now === value,
      `${attribute}=${value}`,
    ),

  /** The number that it begins with, without the commas between its thousands. */
  number: (): Promise<number> => read(part, numberOf, Number.isFinite, 'a number'),

  becomes: (isRight: (now: number) => boolean, ms = limitMs): Promise<number> =>
    read(part, numberOf, isRight, 'another number', ms),

  /** How many such parts there are, once they are so many. */
  isMany: (least: number, most = Number.POSITIVE_INFINITY, ms = limitMs): Promise<number> =>
    counted(part, count => count >= least && count <= most, `${least} to ${most} of ${part}`, ms),
})

// As it is read, with room between what stands apart.
// biome-ignore lint/performance/useDomNodeTextContent: its text alone would run cells together.
export const textOf = async (part: Locator): Promise<string> => (await part.first().innerText()).trim()
const numberOf = async (part: Locator): Promise<number> => Number.parseFloat((await textOf(part)).replaceAll(',', ''))

async function read<T>(
  part: Locator,
  look: (part: Locator) => Promise<T>,
  isRight: (found: T) => boolean,
  what: string,
  ms = limitMs,
): Promise<T> {
  let last: T | undefined
  const why = () => `${part} to say ${what}; it says ${JSON.stringify(last)}`
  const found = await until(
    async () => {
      // What isn't there yet, or is drawn anew at this moment, is looked for again.
      if ((await part.count()) === 0) return undefined
      last = await look(part).catch(() => undefined)
      return last !== undefined && isRight(last) ? { last } : undefined
    },
    why,
    ms,
  )
  return found.last
}

async function counted(part: Locator, isRight: (count: number) => boolean, what: string, ms: number): Promise<number> {
  const found = await until(
    async () => {
      const count = await part.count()
      return isRight(count) ? { count } : undefined
    },
    what,
    ms,
  )
  return found.count
}
