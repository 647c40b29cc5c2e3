import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onPath } from '../../src/stack/programs'
import { isLight, laneServices } from '../scenarios/services'
import { apacheClasspath } from './apache-tools'

// A process a line, most of them a JVM.
jest.setTimeout(900_000)

const root = resolve(__dirname, '../..')
const COLUMNS = ['scripts', 'kcat', 'weir'] as const
type Column = (typeof COLUMNS)[number]
type Row = Record<Column, string> & { task: string }

/** What each way of a task has to print, where it prints something. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'the cluster and its brokers': /Cluster ID: \S+|broker/,
  'list topics': /orders/,
  'several topics': /value 7/,
  'keep where a group stands': /^/,
  'put it back': /billing\s+orders\s+1\s+/,
  'what must a new schema fit?': /BACKWARD|NONE/,
  'anything goes': /NONE/,
  'delete the oldest records': /orders-1\s+low_watermark: 2|orders\s+1\s+0\s+2\s+2/,
  'read everything, then stop': /7\s+value 7/,
  'as JSON': /"payload":"value 7"/,
  'one partition, five records': /(.*\n){5}/,
  'the last two of each partition': /(.*\n){6}/,
  'from a time on': /(.*\n){20}/,
  search: /value 7/,
  'read as a group': /(.*\n){20}/,
  'look, and move nothing': /(.*\n){4}/,
  'what a group sees next': /^PARTITION/,
  'describe a topic': /orders(.*\n)+.*2/,
  'first and last offsets': /1\D/,
  'where ten minutes ago is': /orders(.*\n)*/,
  'count records': /[24]\d/,
  // Apache's broker has a setting from its file; the light one has none of its own.
  'settings of a topic': isLight()
    ? /^SETTING|configs for topic orders/i
    : /min.insync.replicas|configs for topic orders/i,
  'change one': /retention.ms|Completed updating/,
  'list groups': /billing/,
  'who consumes, how far': /billing\s+orders\s+1\s+\d+\s+\d+\s+\d+/,
  'what a reset would do': /billing\s+orders\s+1\s+/,
  'do it': /billing\s+orders\s+1\s+/,
  'list schemas': /orders-value/,
  'show one': /temperature/,
  'would this one do?': /same/,
  'search in Avro': /"payload":\{"sensor_id":7,"temperature":21.5,"timestamp":1763823600250000\}/,
}

const SCRIPTS = {
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-console-producer.sh': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer.sh': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-cluster.sh': 'org.apache.kafka.tools.ClusterTool',
  'kafka-delete-records.sh': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-get-offsets.sh': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-configs.sh': 'org.apache.kafka.tools.ConfigCommand',
  'kafka-consumer-groups.sh': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
}

const readme = readFileSync(join(root, 'src/cli/README.md'), 'utf8')
const sheet: Row[] = readme
  .slice(readme.indexOf('<!-- cheat sheet -->'))
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| |'))
  .map(line => {
    const cells = line.replaceAll('\\|', '\0').split('|').slice(1, -1)
    const [task, ...ways] = cells.map(cell => cell.replaceAll('\0', '|').trim().replace(/^`|`$/g, ''))
    return { task: task!, scripts: ways[0]!, kcat: ways[1]!, weir: ways[2]! }
  })

/** A line that waits for what never comes fails, and not the whole sheet. */
const LINE_MS = 60_000

let home: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'weir-sheet-'))
  const stack = await laneServices(['kafka', 'registry'])
  const { java, classpath } = await apacheClasspath()
  const write = (name: string, line: string) => {
    writeFileSync(join(home, name), `#!/bin/sh\nexec ${line} "$@"\n`)
    chmodSync(join(home, name), 0o755)
  }
  for (const [name, main] of Object.entries(SCRIPTS))
    write(name, `'${java}' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '${classpath}' ${main}`)
  write('weir', `'${process.execPath}' '${join(root, 'bin/weir.mjs')}'`)
  const { kafkaBrokers, registryUrl } = stack.addresses
  environment = {
    ...process.env,
    ...{ PATH: `${home}:${process.env.PATH}`, KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: registryUrl },
  }
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

function shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise(settle => {
    const child = spawn('bash', ['-c', line], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    const limit = setTimeout(() => child.kill('SIGKILL'), LINE_MS)
    const [out, err] = [[] as Buffer[], [] as Buffer[]]
    child.stdout.on('data', chunk => out.push(chunk))
    child.stderr.on('data', chunk => err.push(chunk))
    child.on('close', code => {
      clearTimeout(limit)
      settle({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') })
    })
  })
}

/** Kafka's consumer gives up where no record has come in time, and how soon one can come is the machine's affair. */
const patient = (line: string) => line.replace(/--timeout-ms \d+/, '--timeout-ms 30000')

/** A broker forgets a deleted topic a moment after it has said so, and the groups' offsets with it. */
async function clean(): Promise<void> {
  await shell('weir groups delete billing --yes')
  await shell('weir topics delete orders --yes')
  await shell('curl -sf -X DELETE $SCHEMA_REGISTRY_URL/subjects/orders-value')
  await new Promise(resolve => setTimeout(resolve, 1_000))
}

/** The light broker's scenarios have Apache's tools for administrators already, each a JVM: here are its producer and its consumers. */
function wayOf(row: Row, column: Column): string {
  const isCovered = isLight() && column === 'scripts' && !/console|get-offsets|delete-records/.test(row.scripts)
  return (isCovered ? '' : row[column]) || row.weir
}

test('the sheet has a weir way for everything', () => {
  expect(sheet.length).toBeGreaterThan(30)
  expect(sheet.filter(row => row.weir === '')).toEqual([])
  expect(Object.keys(PRINTS).filter(task => !sheet.some(row => row.task === task))).toEqual([])
})

test.each(COLUMNS)('each line of the column %s does its task', async column => {
  if (column === 'kcat' && onPath('kcat') === undefined)
    return console.log('kcat is not installed: its column was not run')
  await clean()
  const failed: unknown[] = []
  for (const row of sheet) {
    // kcat can't make or change things: weir prepares each task for it, so that it finds what it reads.
    const lines = column === 'kcat' ? [row.weir, row.kcat] : [wayOf(row, column)]
    for (const line of lines.filter(each => each !== '')) {
      const printed = line === row[column] ? (PRINTS[row.task] ?? /(?:)/) : /(?:)/
      let ran = await shell(line)
      if (!printed.test(ran.stdout) && patient(line) !== line) ran = await shell(patient(line))
      if (ran.code !== 0 || !printed.test(ran.stdout))
        failed.push({ task: row.task, line, ...ran, stderr: ran.stderr.slice(-500) })
    }
  }
  expect(failed).toEqual([])
})
