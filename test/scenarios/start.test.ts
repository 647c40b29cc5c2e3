import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { logsOf } from '../../src/stack/home'
import { identify } from '../../src/stack/processes'
import type { Stack } from '../../src/stack/stack'
import { until } from './kafka-stack'
import { laneHome, laneServices } from './services'

const root = resolve(__dirname, '../..')
const home = laneHome()
let stack: Stack
let started: Start | undefined

/** One `npm start`, as the leader of a process group. */
class Start {
  output = ''
  readonly exited: Promise<number | null>
  readonly pid: number
  private readonly child: ChildProcess

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, ['bin/run.mjs', 'src/sensors/programs/start.ts', ...args], {
      cwd: root,
      env: { ...process.env, WEIR_HOME: home, SESSION_TIMEOUT_MS: '6000' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.pid = this.child.pid!
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    this.exited = new Promise(done => this.child.once('close', code => done(code)))
    started = this
  }

  said(what: RegExp): Promise<unknown> {
    const isSaid = () => what.test(this.output) || this.child.exitCode !== null
    return until(isSaid, () => `${what} in:\n${this.output}`)
  }

  /** As a terminal does it: the whole group gets it, and npm passes it on once more. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT')
    process.kill(this.pid, 'SIGINT')
  }

  /** The process of the topology that it runs now. */
  get topology(): number {
    // What is behind the last line's end is still being written.
    const lines = readFileSync(join(logsOf(home), 'topology.log'), 'utf8')
      .split('\n')
      .slice(0, -1)
    return JSON.parse(lines.findLast(line => line.startsWith('{'))!).pid
  }

  figure(name: string): string | undefined {
    return new RegExp(`^ *${name} {2,}(.*)$`, 'm').exec(this.output)?.[1]
  }
}

const isAlive = (pid: number): boolean => identify(pid) !== undefined

/** The processes of a group; what is left of an orphan until somebody reaps it is none. */
function groupOf(leader: number): string[] {
  const lines = execFileSync('ps', ['-eo', 'pgid=,stat=,pid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter(line => {
    const [group, state] = line.trim().split(/ +/)
    return Number(group) === leader && !state!.startsWith('Z')
  })
}

const wellPlaced = ['--sensors', '50', '--rate', '20']

beforeAll(async () => {
  stack = await laneServices()
})

afterEach(async () => {
  if (started !== undefined && isAlive(started.pid)) process.kill(started.pid, 'SIGKILL')
  await started?.exited
})

test('Ctrl-C: drains, compares what is closed and what is open, and leaves nothing behind, though the topology was killed', async () => {
  const start = new Start(wellPlaced)
  await start.said(/at subscriber [1-9]/)
  const killed = start.topology
  process.kill(killed, 'SIGKILL')
  await start.said(/the topology ended \(SIGKILL\), starting it again/)
  await until(() => start.topology !== killed, 'another topology')
  await sleep(2000)
  start.interrupt()
  expect({ code: await start.exited, output: start.output }).toMatchObject({
    code: 0,
    output: expect.stringContaining('all agree'),
  })
  expect(start.figure('lag')).toBe('0')
  expect(Number(start.figure('still open')?.split(',')[0])).toBeGreaterThan(0)
  expect(isAlive(start.topology)).toBe(false)
  expect(groupOf(start.pid)).toEqual([])
})

test('with a duration, on the same data: every window closed, no duplicates, exit 0', async () => {
  const start = new Start([...wellPlaced, '--duration', '8s'])
  expect({ code: await start.exited, output: start.output }).toMatchObject({ code: 0 })
  expect(start.figure('readings acknowledged')).toBe('8,000')
  expect(start.figure('raw rows')).toBe('8,000: 0 missing, 0 extra, 0 unequal, 0 twice')
  expect(start.figure('distinct readings at the subscriber')).toBe('8,000 of 8,000')
  expect(start.figure('duplicates')).toBe('0')
  expect(start.output.match(/still open +0$/gm)).toHaveLength(2)
  // A plain line every 5 s, no terminal's controls.
  expect(start.output).toMatch(/^\d+ s {2}sent [\d,]+\/s .*lag \d+/m)
  expect(start.output).not.toContain('\u001b')
})

test('a row that is missing and one that is twice make it exit 1 and are named', async () => {
  const begun = new Date().toISOString()
  const start = new Start(wellPlaced)
  await start.said(/at subscriber [1-9]/)
  const client = new Client({ connectionString: stack.addresses.databaseUrl })
  await client.connect()
  try {
    const own = `FROM sensor_data WHERE timestamp > '${begun}'`
    const one = `SELECT ctid, tableoid ${own} ORDER BY timestamp`
    const several = `SELECT 1 ${own} HAVING max(timestamp) > min(timestamp)`
    await until(async () => (await client.query(several)).rowCount, 'rows of this run')
    await client.query(
      `INSERT INTO sensor_data SELECT s.* FROM sensor_data s JOIN (${one} DESC LIMIT 1) o ON s.ctid = o.ctid AND s.tableoid = o.tableoid`,
    )
    await client.query(
      `DELETE FROM sensor_data s USING (${one} LIMIT 1) o WHERE s.ctid = o.ctid AND s.tableoid = o.tableoid`,
    )
  } finally {
    await client.end()
  }
  start.interrupt()
  expect(await start.exited).toBe(1)
  expect(start.output).toMatch(/^disagrees: raw rows: 1 missing, as partition \d+ offset \d+$/m)
  expect(start.output).toMatch(/^disagrees: raw rows: 1 twice, as partition \d+ offset \d+$/m)
})

test('its line names the end that holds it up, and says so no longer than that', async () => {
  const start = new Start(wellPlaced)
  await start.said(/at subscriber [1-9]/)
  await stack.stopService('mqtt', { signal: 'SIGKILL' })
  await start.said(/^\d+ s {2}sent .* {2}waiting for MQTT [1-9]\d* s$/m)
  await stack.startService('mqtt')
  await start.said(/waiting for MQTT .*\n(.*\n)*\d+ s {2}sent .* {2}windows [\d,]+$/m)
  start.interrupt()
  expect({ code: await start.exited, output: start.output }).toMatchObject({ code: 0 })
})

test('killed itself, it leaves no process behind', async () => {
  const start = new Start(wellPlaced)
  await start.said(/at subscriber [1-9]/)
  const { topology } = start
  process.kill(start.pid, 'SIGKILL')
  await until(() => !isAlive(topology) && groupOf(start.pid).length === 0, 'its processes to end')
})
