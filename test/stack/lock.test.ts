import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lock } from '../../src/stack/lock'
import { StackError } from '../../src/stack/stack-error'

const never = new AbortController().signal
let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lock-'))
  file = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('of many that want it at once, one holds it at a time, and nothing is left', async () => {
  let holders = 0
  let most = 0
  const work = async (): Promise<void> => {
    const unlock = await lock(file, { signal: never, onWait: () => {} })
    most = Math.max(most, ++holders)
    await sleep(5)
    holders--
    unlock()
  }
  await Promise.all(Array.from({ length: 8 }, work))
  expect(most).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('a holder that came between the look and the take is waited for', async () => {
  // Not there to who reads it, and there to who makes it.
  symlinkSync(join(folder, 'nowhere'), file)
  const locked = lock(file, { signal: never, onWait: () => {} })
  await sleep(1)
  rmSync(file)
  const unlock = await locked
  unlock()
  expect(readdirSync(folder)).toEqual([])
})

test('a holder that died is no holder, also when another process has its pid by now', async () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, born: 'long ago' }))
  const unlock = await lock(file, { signal: never, onWait: () => {} })
  unlock()
  expect(readdirSync(folder)).toEqual([])
})

test('waiting ends with the signal', async () => {
  const unlock = await lock(file, { signal: never, onWait: () => {} })
  const interrupt = new AbortController()
  const second = lock(file, { signal: interrupt.signal, onWait: () => {} })
  interrupt.abort(new StackError('enough'))
  await expect(second).rejects.toThrow('enough')
  unlock()
})

test.each(['{"pid":', 'garbage', '', '{"pid":"1","born":2}', 'null'])('"%s" is no holder', async text => {
  writeFileSync(file, text)
  const unlock = await lock(file, { signal: never, onWait: () => {} })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
  unlock()
  expect(readdirSync(folder)).toEqual([])
})

test('a folder in its place is no holder', async () => {
  mkdirSync(join(file, 'deeper'), { recursive: true })
  const unlock = await lock(file, { signal: never, onWait: () => {} })
  unlock()
  expect(readdirSync(folder)).toEqual([])
})
