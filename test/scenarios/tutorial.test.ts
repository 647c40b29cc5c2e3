import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { itemAt } from '../../src/required'
import { resetStack } from '../../src/stack'
import { stackStatus } from '../../src/stack/status'
import { until } from './kafka-stack'

const root = resolve(__dirname, '../..')
const tutorial = readFileSync(join(root, 'docs/tutorial.md'), 'utf8')
const blocksOf = (language: string) =>
  [...tutorial.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text)

let scratch: string
let dev: ChildProcess | undefined
let output = ''

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'weir-tutorial-'))
  // Postgres runs as another user when root runs this: it must be able to enter.
  chmodSync(scratch, 0o755)
  for (const folder of ['home', 'shop', 'programs']) mkdirSync(join(scratch, folder))
})
afterAll(async () => {
  dev?.kill('SIGKILL')
  await resetStack(join(scratch, 'home'))
  rmSync(scratch, { recursive: true, force: true })
})

const program = (name: string, text: string) =>
  writeFileSync(join(scratch, 'programs', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
const place = () => ({
  cwd: join(scratch, 'shop'),
  env: {
    ...process.env,
    ...{ PATH: [join(scratch, 'programs'), process.env.PATH].join(delimiter), JAVA_HOME: '', KAFKA_BROKERS: '' },
    ...{ WEIR_HOME: join(scratch, 'home'), WEIR_STACK_PORTS: 'kafka=0,registry=0,postgres=0,mqtt=0,ws=0' },
  },
})
const said = (what: RegExp) =>
  until(
    () => what.test(output),
    () => `${what} in:\n${output}`,
  )

test('the tutorial, as it is typed: a topology that runs, its first window on the screen, and its promises', async () => {
  // A machine whose Java is too old for Kafka, and which has this checkout in the place of a package.
  program('java', 'echo \'openjdk version "11.0.2"\' >&2')
  program('npx', `shift; exec ${process.execPath} ${join(root, 'bin/weir.mjs')} "$@"`)
  const [, start = '', send = '', prove = ''] = blocksOf('sh')
  const module = itemAt(blocksOf('ts'), 2)
  writeFileSync(join(scratch, 'shop/turnover.ts'), module.replace("'weir-streams'", `'${root}/src/index'`))

  const started = spawn('sh', ['-c', `exec ${start}`], place())
  dev = started
  for (const stream of [started.stdout, started.stderr])
    stream?.setEncoding('utf8').on('data', text => (output += text))
  const ended = new Promise(done => started.once('close', done))
  await said(/made topic payments, 4 partitions/)
  await said(/Postgres: .*turnover/)
  await said(/http:\/\/127\.0\.0\.1:\d+/)

  const services = await stackStatus(join(scratch, 'home'))
  const [port = ''] = services.find(({ name }) => name === 'mqtt')?.ports.split(' ') ?? []
  program('mosquitto_sub', `PATH=\${PATH#*:} exec mosquitto_sub -p ${port} "$@"`)
  const subscriber = spawn('bash', ['-c', send], { ...place(), detached: true })
  let received = ''
  for (const stream of [subscriber.stdout, subscriber.stderr])
    stream.setEncoding('utf8').on('data', text => (received += text))
  try {
    await said(/turnover {2}ann {2}\{"customer":"ann",.*"amount":20\}/)
    await until(
      () => /^turnover\/ann \{"customer":"ann",.*"amount":20\}$/m.test(received),
      () => `the window in:\n${received}`,
    )
  } finally {
    process.kill(-(subscriber.pid as number), 'SIGKILL')
  }
  const { stderr } = await promisify(execFile)('bash', ['-ec', prove], place())
  expect(stderr).toMatch(/every end kept its promise/)

  started.kill('SIGINT')
  expect(await ended).toBe(0)
})
