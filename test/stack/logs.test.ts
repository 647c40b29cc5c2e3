import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

test('following goes on with what is added, and keeps no file open for it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'weir-logs-'))
  const log = join(home, 'logs', 'mqtt.log')
  mkdirSync(join(home, 'logs'))
  writeFileSync(log, 'before\n')
  const args = [resolve('bin/run.mjs'), 'src/cli/programs/stack.ts', 'logs', 'mqtt', '-f']
  const child = spawn(process.execPath, args, { env: { ...process.env, WEIR_HOME: home } })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text
  })
  const until = async (text: string) => {
    while (!said.includes(text)) await sleep(20)
  }
  await until('before')
  // It looks four times a second, at first a moment after it has told what there was.
  const add = async (line: string) => {
    while (!said.includes(line)) {
      appendFileSync(log, `${line}\n`)
      await sleep(300)
    }
  }
  await add('first')
  const folder = `/proc/${child.pid}/fd`
  const open = () => (existsSync(folder) ? readdirSync(folder).length : 0)
  const before = open()
  for (let i = 0; i < 6; i++) await add(`line ${i}`)
  expect(open()).toBeLessThan(before + 3)
  child.kill()
  await once(child, 'exit')
  rmSync(home, { recursive: true })
})
