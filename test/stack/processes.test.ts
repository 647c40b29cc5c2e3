import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, isAlive, keep, runToEnd, signalProcess, terminate } from '../../src/stack/processes'
import { StackError } from '../../src/stack/stack-error'

const never = new AbortController().signal
const sleeper = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] }

describe('identity of a process', () => {
  test('a pid alone is not enough: a later process with the same pid is another one', () => {
    const self = identify(process.pid)
    expect(self).toBeDefined()
    expect(isAlive(self!)).toBe(true)
    const former = { pid: process.pid, born: 'another time' }
    expect(isAlive(former)).toBe(false)
    // Would end this very process if it went by the pid.
    signalProcess(former, 'SIGKILL')
  })

  test('one that has ended is not alive', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const id = identify(child.pid!)!
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(id)).toBe(false)
  })
})

describe('a kept program', () => {
  test('ends when it is told to, and its keeper with it', async () => {
    const kept = await keep(sleeper, 'ignore')
    expect(isAlive(kept.id)).toBe(true)
    await terminate(kept.id)
    expect(await kept.exited).toEqual({ code: null, signal: 'SIGTERM' })
    expect(isAlive(kept.id)).toBe(false)
  })

  test('runs on without its keeper once it is released', async () => {
    const kept = await keep(sleeper, 'ignore')
    await kept.release()
    expect(kept.keeper.exitCode).toBe(0)
    expect(isAlive(kept.id)).toBe(true)
    await terminate(kept.id)
    expect(isAlive(kept.id)).toBe(false)
  })

  test('ends when the channel to its parent closes', async () => {
    const kept = await keep(sleeper, 'ignore')
    kept.keeper.disconnect()
    await kept.exited
    expect(isAlive(kept.id)).toBe(false)
  })

  test('prints into the file given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-keep-'))
    const fd = openSync(join(folder, 'log'), 'a')
    const kept = await keep({ command: process.execPath, args: ['-e', 'console.log("out"); console.error("err")'] }, fd)
    await kept.exited
    closeSync(fd)
    expect(readFileSync(join(folder, 'log'), 'utf8').split('\n').sort()).toEqual(['', 'err', 'out'])
    rmSync(folder, { recursive: true })
  })

  test('a program that does not exist is one sentence', async () => {
    const run = keep({ command: '/no/such/program', args: [] }, 'ignore')
    await expect(run).rejects.toThrow(StackError)
    await expect(run).rejects.toThrow("/no/such/program can't be run")
  })
})

describe('a program run to its end', () => {
  test('gives its lines, rewritten ones too', async () => {
    const lines: string[] = []
    const script = 'process.stdout.write("one\\n10 %\\r20 %\\rtwo\\n")'
    await runToEnd({ command: process.execPath, args: ['-e', script] }, never, line => lines.push(line))
    expect(lines).toEqual(['one', '10 %', '20 %', 'two'])
  })

  test('its failure shows what it said last', async () => {
    const script = 'console.error("no space left"); process.exit(3)'
    const run = runToEnd({ command: process.execPath, args: ['-e', script] }, never, () => {})
    await expect(run).rejects.toThrow(/failed with code 3:\s+no space left/)
  })

  test('an interruption ends it and is thrown', async () => {
    const interrupt = new AbortController()
    const run = runToEnd(sleeper, interrupt.signal, () => {})
    setTimeout(() => interrupt.abort(new StackError('enough')), 200)
    await expect(run).rejects.toThrow('enough')
  })
})
