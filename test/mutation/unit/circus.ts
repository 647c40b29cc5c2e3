import { join, sep } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Config } from '@jest/types'

// Parts of Jest, which come with it: its test runner without its module registry, which would load and compile everything anew for each file.
const circus = require('jest-circus') as typeof import('jest-circus')
const { jestExpect } = require('@jest/expect') as typeof import('@jest/expect')
const { ModuleMocker } = require('jest-mock') as typeof import('jest-mock')
const { ModernFakeTimers } = require('@jest/fake-timers') as typeof import('@jest/fake-timers')

const root = join(__dirname, '../../..')
const kept = [`${join(root, 'test/mutation')}${sep}`, `${join(root, 'bin')}${sep}`, `${sep}node_modules${sep}`]

const mock = new ModuleMocker(globalThis)
/** Node's own timers, as they were before a test took their place. */
const timers = new ModernFakeTimers({ global: globalThis, config: { fakeTimers: {} } as Config.ProjectConfig })

const jestObject = {
  fn: mock.fn.bind(mock),
  spyOn: mock.spyOn.bind(mock),
  restoreAllMocks: () => mock.restoreAllMocks(),
  setTimeout: (ms: number) => Object.assign(globalThis, { [Symbol.for('TEST_TIMEOUT_SYMBOL')]: ms }),
  useFakeTimers: (config?: Config.FakeTimersConfig) => timers.useFakeTimers(config),
  useRealTimers: () => timers.useRealTimers(),
  getTimerCount: () => timers.getTimerCount(),
  advanceTimersByTime: (ms: number) => timers.advanceTimersByTime(ms),
  advanceTimersByTimeAsync: (ms: number) => timers.advanceTimersByTimeAsync(ms),
}

/** Errors that nobody caught since the file began; a promise whose rejection is looked at later is none. */
const uncaught = new Map<unknown, unknown>()
let atOnce = (_error: unknown) => {}
process.on('unhandledRejection', (error, promise) => uncaught.set(promise, error))
process.on('rejectionHandled', promise => uncaught.delete(promise))
process.on('uncaughtException', error => {
  uncaught.set(error, error)
  atOnce(error)
})

interface CircusEvent {
  readonly name: string
  readonly error?: unknown
  readonly test?: { readonly errors: readonly unknown[] }
}

/**
 * Runs one test file in this process, with its modules and those of `src` loaded anew; returns its first failure. `onFailure` hears of it at
 * once, while the file goes on.
 */
export async function runFile(file: string, onFailure: (words: string) => void): Promise<string | undefined> {
  for (const path of Object.keys(require.cache)) if (!kept.some(part => path.includes(part))) delete require.cache[path]
  circus.resetState()
  uncaught.clear()
  Object.assign(globalThis, circus.default, { expect: jestExpect, jest: jestObject })
  const failures: unknown[] = []
  const fail = (error: unknown) => {
    if (failures.push(error) === 1) onFailure(wordsOf(error))
  }
  const listen = ({ name, error, test }: CircusEvent) => {
    if (name === 'test_done' && test) test.errors.slice(0, 1).forEach(fail)
    if (name === 'hook_failure') fail(error)
  }
  atOnce = fail
  circus.addEventHandler(listen as never)
  try {
    require(join(root, 'test/setup.ts'))
    require(join(root, file))
    const { unhandledErrors, testResults } = await circus.run()
    if (testResults.length === 0) fail(new Error('no test in it'))
    for (const each of [...unhandledErrors, ...testResults.flatMap(({ errors }) => errors)]) fail(each)
    await new Promise(setImmediate)
    for (const each of uncaught.values()) fail(each)
  } catch (error) {
    fail(error)
  } finally {
    circus.removeEventHandler(listen as never)
    mock.restoreAllMocks()
    timers.useRealTimers()
  }
  return failures.length === 0 ? undefined : wordsOf(failures[0])
}

function wordsOf(error: unknown): string {
  const [first] = Array.isArray(error) ? error : [error]
  const text = first instanceof Error ? first.message : String(first)
  return stripVTControlCharacters(text).slice(0, 400)
}
