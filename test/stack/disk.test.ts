import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { lock } from '../../src/stack/lock'
import { identify } from '../../src/stack/processes'
import { processOf, readState, writeState } from '../../src/stack/state'

const root = resolve(__dirname, '../..')
const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'weir-disk-'))
const home = join(folder, 'home')
let sleeper: ChildProcess | undefined

/** Mounts a file system of one page at `home`, or makes it read-only; false where this user may not. */
const mount = (...options: string[]): boolean =>
  isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', home]).status === 0

const stack = (...args: string[]) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/run.mjs'), 'src/cli/programs/stack.ts', ...args],
    {
      ...{ cwd: root, encoding: 'utf8', env: { ...process.env, WEIR_HOME: home, WEIR_STACK_PORTS: 'mqtt=0,ws=0' } },
    },
  )
  return { status, stderr }
}

/** A process in the place of a service that runs. */
async function runService(): Promise<void> {
  sleeper = spawn('sleep', ['600'])
  await once(sleeper, 'spawn')
  writeState(home, { mqtt: { port: 1883, wsPort: 9001, ...identify(sleeper.pid!)! } })
  expect(processOf(readState(home).mqtt)).toBeDefined()
}

function fill(): void {
  for (let n = 0; ; n++) {
    try {
      writeFileSync(join(home, `filler-${n}`), Buffer.alloc(4096))
    } catch {
      rmSync(join(home, `filler-${n}`), { force: true })
      return
    }
  }
}

beforeEach(() => mkdirSync(home))
afterEach(() => {
  sleeper?.kill('SIGKILL')
  spawnSync('umount', [home])
  rmSync(home, { recursive: true, force: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

const noTrace = (stderr: string) => {
  expect(stderr).not.toMatch(/^ {4}at |node:fs|Error:/m)
  expect(stderr.trim()).not.toBe('')
}

const needsMount = isRoot && spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0
if (needsMount) spawnSync('umount', [folder])
else console.warn('a full disk is NOT tried: this user may not mount one')

;(needsMount ? describe : describe.skip)('on a full disk', () => {
  test('up says where, and what to do; nothing of it is left', () => {
    mount('size=8k')
    fill()
    const { status, stderr } = stack('up', 'mqtt')
    noTrace(stderr)
    expect(status).toBe(1)
    expect(stderr).toContain('the disk is full')
    expect(stderr).toContain(home)
    expect(stderr).toContain('npm run stack -- reset')
    expect(readdirSync(home).filter(name => !name.startsWith('filler'))).toEqual([])
  }, 60_000)

  test('up names too little space before it starts what would fail', () => {
    mount('size=16m')
    const { status, stderr } = stack('up', 'mqtt')
    noTrace(stderr)
    expect([status, stderr]).toEqual([1, expect.stringMatching(/has only \d+ MB free.*start again/)])
  }, 60_000)

  test('down ends what runs, and reset deletes what is there', async () => {
    mount('size=16k')
    await runService()
    fill()
    const down = stack('down')
    noTrace(down.stderr)
    expect([down.status, down.stderr]).toEqual([0, expect.stringContaining('mqtt: stopped')])
    expect(processOf(readState(home).mqtt)).toBeUndefined()
    expect(stack('reset').status).toBe(0)
    expect(existsSync(join(home, 'stack.json'))).toBe(false)
  }, 120_000)

  test('ending waits for a process that holds the lock, though it can take none itself', async () => {
    mount('size=16k')
    const file = join(home, 'lock')
    const unlock = await lock(file, { signal: new AbortController().signal, onWait: () => {} })
    fill()
    const steps: string[] = []
    const second = lock(file, { signal: new AbortController().signal, onWait: () => {}, evenUnwritable: true })
    const done = second.then(release => {
      steps.push('second')
      release()
    })
    await new Promise(resolve => setTimeout(resolve, 300))
    steps.push('first')
    fill()
    unlock()
    await done
    expect(steps).toEqual(['first', 'second'])
  })
})

;(needsMount ? describe : describe.skip)('in a folder that is read-only', () => {
  test('down ends what runs; up and reset say what to do', async () => {
    mount('size=1m')
    await runService()
    spawnSync('mount', ['-o', 'remount,ro', home])
    for (const verb of [['up', 'mqtt'], ['reset']]) {
      const { status, stderr } = stack(...verb)
      noTrace(stderr)
      expect([status, stderr]).toEqual([1, expect.stringContaining('WEIR_HOME')])
    }
    sleeper?.kill('SIGKILL')
    spawnSync('mount', ['-o', 'remount,rw', home])
    await runService()
    spawnSync('mount', ['-o', 'remount,ro', home])
    const down = stack('down')
    noTrace(down.stderr)
    expect([down.status, down.stderr]).toEqual([0, expect.stringContaining('mqtt: stopped')])
    expect(stack('status').stderr).toBe('')
  }, 120_000)
})

test.each(['{"kafka":', '"text"', '{"mqtt":{"port":"x"}}', '{"kafka":{"port":9092,"pid":"1","born":3}}'])(
  'a stack.json of %s is named by each verb, and no verb fails for it',
  text => {
    writeFileSync(join(home, 'stack.json'), text)
    for (const [verb, expected] of [
      ['status', 1],
      ['down', 0],
    ] as const) {
      const { status, stderr } = stack(verb)
      noTrace(stderr)
      expect([verb, status, stderr]).toEqual([verb, expected, expect.stringContaining('stack.json is damaged')])
    }
    expect(stack('reset').status).toBe(0)
    expect(readdirSync(home)).toEqual([])
  },
  120_000,
)

test('a file in the place of the home is said to be in the way', () => {
  rmSync(home, { recursive: true })
  writeFileSync(home, 'something')
  const { status, stderr } = stack('up', 'mqtt')
  noTrace(stderr)
  expect([status, stderr]).toEqual([1, expect.stringContaining('is in the way')])
}, 60_000)
