import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { resetStack } from '../../src/stack'
import { stackStatus } from '../../src/stack/status'
import { until } from './kafka-stack'

const root = resolve(__dirname, '../..')
let scratch: string
let dev: ChildProcess | undefined
let output = ''

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'weir-dev-'))
  // Postgres runs as another user when root runs this: it must be able to enter.
  chmodSync(scratch, 0o755)
  for (const folder of ['home', 'project', 'programs']) mkdirSync(join(scratch, folder))
})
afterAll(async () => {
  dev?.kill('SIGKILL')
  await resetStack(join(scratch, 'home'))
  rmSync(scratch, { recursive: true, force: true })
})

/** A machine whose Java is too old for Kafka. */
function pathWithOldJava(): string {
  const java = join(scratch, 'programs', 'java')
  writeFileSync(java, '#!/bin/sh\necho \'openjdk version "11.0.2"\' >&2\n')
  chmodSync(java, 0o755)
  return [join(scratch, 'programs'), process.env.PATH].join(delimiter)
}

const save = (file: string, text: string) => writeFileSync(join(scratch, 'project', file), text)
const topologyWith = (step: string) => `import { avro, postgres, text, topology } from '${root}/src/index'

const schema = {
  name: 'click',
  json: {
    type: 'record',
    name: 'Click',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'n', type: 'int' },
    ],
  },
}

export default topology('dev-test', streams => {
  const clicks = streams.stream('dev-clicks', { key: text, value: avro(schema) }).mapValues(({ id, n }) => ${step})
  clicks.to('dev-results', { key: text, value: avro(schema) })
  clicks.to(postgres({ table: 'dev_clicks', schema, mode: 'upsert', key: ['id'] }))
})
`

const said = (what: RegExp, from = 0) =>
  until(
    () => what.test(output.slice(from)),
    () => `${what} in:\n${output.slice(from)}`,
  )

test('a topology is run on services that need no Java, fed, shown, started anew with each save, and ended in order', async () => {
  save('topology.ts', topologyWith('({ id, n: n * 2 })'))
  save(
    'feed.ts',
    `export default async function* feed() {
  for (let n = 1; ; n++) {
    yield { topic: 'dev-clicks', key: 'a', value: { id: 'a', n } }
    await new Promise(done => setTimeout(done, 100))
  }
}
`,
  )
  const started = spawn(process.execPath, [join(root, 'bin/weir.mjs'), 'dev', 'topology.ts', '--feed', 'feed.ts'], {
    cwd: join(scratch, 'project'),
    env: {
      ...process.env,
      ...{ PATH: pathWithOldJava(), JAVA_HOME: '', WEIR_HOME: join(scratch, 'home') },
      ...{ KAFKA_BROKERS: '', WEIR_STACK_PORTS: 'kafka=0,registry=0,postgres=0,mqtt=0,ws=0' },
    },
  })
  dev = started
  for (const stream of [started.stdout, started.stderr])
    stream?.setEncoding('utf8').on('data', text => (output += text))
  const ended = new Promise(done => started.once('close', done))

  await said(/This machine lacks a JDK of version 17 or newer/)
  await said(/made topic dev-clicks, 4 partitions/)
  await said(/Postgres: .*dev_clicks/)
  await said(/dev-results {2}a {2}\{"id":"a","n":2\}/)
  const [, url = ''] = /dashboard: (\S+)/.exec(output) ?? []
  expect((await fetch(url)).status).toBe(200)

  let from = output.length
  save('topology.ts', topologyWith('({ id, n: -n })'))
  await said(/topology\.ts saved: starting anew/, from)
  await said(/dev-results {2}a {2}\{"id":"a","n":-\d+\}/, from)

  from = output.length
  save('topology.ts', topologyWith('{ throw new Error("no " + n) }'))
  await said(/no \d+[\s\S]*?\n +at topology\.ts:16:\d+/, from)

  from = output.length
  save('topology.ts', topologyWith('id +)'))
  await said(/topology\.ts[\s\S]*it starts again with the next save/, from)
  expect(output.slice(from)).not.toMatch(/\n +at .*node_modules/)

  from = output.length
  save('topology.ts', topologyWith('({ id, n: 7 })'))
  await said(/dev-results {2}a {2}\{"id":"a","n":7\}/, from)

  started.kill('SIGINT')
  expect(await ended).toBe(0)
  const rows = await stackStatus(join(scratch, 'home'))
  expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'stopped'))
})
