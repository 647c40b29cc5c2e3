import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { type KafkaStack, laneKafka, until } from '../scenarios/kafka-stack'
import { json, weir } from './weir'

const bin = join(resolve(__dirname, '../..'), 'bin/weir.mjs')
let kafka: KafkaStack

beforeAll(async () => {
  kafka = await laneKafka()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join(',')
  await weir(['topics', 'create', 'lines', '-p', '2'])
  await weir(
    ['produce', 'lines', '--value-format', 'text'],
    Array.from({ length: 20_000 }, (_, i) => `line ${i}`).join('\n'),
  )
})

interface Child {
  readonly process: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
}

function start(file: string, ...args: string[]): Child {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, WEIR: bin } })
  const [out, err] = [[] as Buffer[], [] as Buffer[]]
  child.stdout!.on('data', chunk => out.push(chunk))
  child.stderr!.on('data', chunk => err.push(chunk))
  return {
    process: child,
    out: () => Buffer.concat(out).toString('utf8'),
    err: () => Buffer.concat(err).toString('utf8'),
    exit: new Promise(settle => child.on('close', settle)),
  }
}

test('a reader that closes the pipe is no error', async () => {
  const shell = start('bash', '-c', `node "$WEIR" consume lines | head -1; echo "codes \${PIPESTATUS[*]}"`)
  expect(await shell.exit).toBe(0)
  expect(shell.out()).toMatch(/^\{"topic":"lines".*\}\ncodes 0 0\n$/)
  expect(shell.err()).toBe('')
})

test('Ctrl-C ends produce in order: what was read is sent, and told', async () => {
  const child = start(process.execPath, bin, 'produce', 'lines', '--value-format', 'text')
  child.process.stdin!.write('one more\nand another\n')
  await until(
    async () => (await weir(['consume', 'lines', '-e', '--filter', 'value == "and another"'])).lines.length,
    'it',
  )
  child.process.kill('SIGINT')
  expect(await child.exit).toBe(0)
  expect(child.err()).toContain('2 records acknowledged by the broker')
})

test('Ctrl-C ends consume, and a group has committed what was printed', async () => {
  const child = start(process.execPath, bin, 'consume', 'lines', '-g', 'stopped')
  const [{ records }] = await json<[{ records: number }]>(['topics', 'count', 'lines'])
  await until(() => child.out().split('\n').length > records, 'the lines')
  child.process.kill('SIGINT')
  expect(await child.exit).toBe(0)
  const described = await weir(['groups', 'describe', 'stopped', '-o', 'json'])
  expect(JSON.parse(described.stdout)[0]).toMatchObject({ state: 'Empty', totalLag: 0 })
})

test('a slow reader slows weir down instead of filling its memory', async () => {
  const shell = start('bash', '-c', 'node "$WEIR" consume lines -e | (sleep 2; wc -l)')
  expect(await shell.exit).toBe(0)
  expect(Number(shell.out())).toBeGreaterThanOrEqual(20_000)
})

test.each(['bash', 'zsh', 'fish'])('completion for %s is a script that the shell takes', async shell => {
  const script = await weir(['completion', shell])
  expect([script.code, script.stdout.length > 100]).toEqual([0, true])
  if (shell !== 'bash') return
  const asked = `weir() { node "$WEIR" "$@"; }; eval "$(weir completion bash)"; COMP_WORDS=(weir topics describe li); COMP_CWORD=3; _weir; echo "\${COMPREPLY[*]}"`
  const child = start('bash', '-c', asked)
  expect(await child.exit).toBe(0)
  expect(child.out()).toBe('lines\n')
})
