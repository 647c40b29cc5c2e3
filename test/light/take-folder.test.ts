import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'weir-taken-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = (...args: string[]) =>
  spawn(process.execPath, ['bin/run.mjs', 'src/light/programs/kafka.ts', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })

/** What it says, up to its end or to where it serves. */
async function said(child: ReturnType<typeof program>): Promise<string> {
  let text = ''
  for await (const chunk of child.stderr!) {
    text += chunk
    if (text.includes('kept in')) break
  }
  return text
}

async function ended(child: ReturnType<typeof program>, signal?: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit')
  if (signal !== undefined) child.kill(signal)
  if (child.exitCode === null && child.signalCode === null) await exit
  return child.exitCode
}

test('one process has a folder, by whatever way it is named, until it ends or is killed', async () => {
  const [kept, way] = [join(folder, 'kafka'), join(folder, 'way')]
  const first = program('0', kept)
  expect(await said(first)).toContain(`kept in ${kept}`)
  symlinkSync(kept, way)
  const journal = readFileSync(join(kept, 'journal'), 'utf8')
  for (const path of [kept, way]) {
    const second = program('0', path)
    const words = await said(second)
    expect([words, await ended(second)]).toEqual([
      ...[`${path} is in use by process ${first.pid}, which runs on ${kept}: end that first\n`, 1],
    ])
  }
  expect(readFileSync(join(kept, 'journal'), 'utf8')).toBe(journal)
  await ended(first, 'SIGKILL')
  expect(existsSync(join(kept, 'lock'))).toBe(true)
  const third = program('0', kept)
  expect(await said(third)).toContain('kept in')
  expect(await ended(third, 'SIGTERM')).toBe(0)
  expect(existsSync(join(kept, 'lock'))).toBe(false)
  // Another process by the same number has not taken it.
  writeFileSync(join(kept, 'lock'), JSON.stringify({ pid: process.pid, folder: kept }))
  const fourth = program('0', kept)
  expect(await said(fourth)).toContain('kept in')
  await ended(fourth, 'SIGTERM')
})

test('without a folder it says what to give', async () => {
  const child = program('0')
  expect([await said(child), await ended(child)]).toEqual([
    expect.stringMatching(/^give a port and a folder: \S+ 9092 DIR\n$/),
    1,
  ])
  expect(readdirSync(folder)).not.toContain('journal')
})
