import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTopology } from '../../src/cli/shared/load-topology'
import './on-light'
import { weir } from '../ops/weir'

const nobody = ['-b', '127.0.0.1:1', '--registry', 'http://localhost:2', '--timeout', '2s']
const start = 'npm run stack -- up'

test.each([['topics', 'list'], ['schemas', 'list'], ['groups', 'list'], ['cluster']])(
  'where nothing listens on this machine, %s %s names what starts it',
  async (...line) => {
    const { code, stderr } = await weir([...line, ...nobody])
    expect([code, stderr]).toEqual([1, expect.stringMatching(new RegExp(`^weir: .*; to start it here: ${start}\n$`))])
  },
)

test('doctor names it as what mends, and not for what is elsewhere', async () => {
  const before = { ...process.env }
  try {
    Object.assign(process.env, { DATABASE_URL: 'postgresql://localhost:1/x', MQTT_URL: 'mqtt://127.0.0.1:1' })
    const here = JSON.parse((await weir(['doctor', 'sensors', '-o', 'json', ...nobody.slice(0, 2)])).stdout)
    const mend = `${start}, or mend its address in the settings`
    for (const where of ['Kafka', 'Postgres', 'MQTT broker'])
      expect(here).toContainEqual(expect.objectContaining({ where, mend, isAway: true }))
    process.env.MQTT_URL = 'mqtt://nowhere.invalid:1883'
    const elsewhere = JSON.parse((await weir(['doctor', 'sensors', '-o', 'json'])).stdout)
    const usual = 'start it, or mend its address in the settings'
    expect(elsewhere).toContainEqual(expect.objectContaining({ where: 'MQTT broker', mend: usual }))
  } finally {
    process.env = before
  }
}, 60_000)

describe('files', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-told-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('a fault that is told of a compiled file is told of the one that was written', async () => {
    const file = join(folder, 'bad.mts')
    writeFileSync(file, '')
    // As tsx says it, which names all TypeScript alike.
    const told = join(folder, 'thrower.cjs')
    writeFileSync(told, `throw new Error(${JSON.stringify(`Transform failed: ${join(folder, 'bad.ts')}:1:9: ERROR`)})`)
    await expect(loadTopology(told)).rejects.toThrow(`Transform failed: ${file}:1:9: ERROR`)
  })

  test.each([
    ['doctor', 'none.ts'],
    ['migrate', 'none.ts'],
    ['test', 'none.ts'],
    ['topology', 'plan', 'none.ts'],
    ['ask', 'none.ts', '--key', 'k'],
  ])('%s %s: what is not there is told in one sentence', async (...line) => {
    expect(await weir(line)).toMatchObject({ code: 3, stderr: 'weir: file "none.ts" does not exist\n' })
  })

  test('and so is a folder of schemas', async () => {
    expect(await weir(['schemas', 'types', 'nofolder'])).toMatchObject({
      ...{ code: 3, stderr: 'weir: folder "nofolder" does not exist\n' },
    })
  })
})

describe('reading from beyond the end', () => {
  beforeAll(async () => {
    await weir(['topics', 'create', 'short', '--partitions', '2'])
    await weir(['produce', 'short', '-p', '0'], 'a\nb\n')
  })
  const read = async (...line: string[]) => {
    const { code, stdout, stderr } = await weir(['consume', 'short', '-e', ...line])
    return [code, stdout, stderr]
  }
  const ends = (partition: number, last: number) =>
    `short, partition ${partition}: the log ends at ${last}, before what is asked for\n`

  test('says where the log ends', async () => {
    expect(await read('-p', '0', '--offset', '9999')).toEqual([0, '', ends(0, 2)])
    expect(await read('--offset', '9999')).toEqual([0, '', `${ends(0, 2)}${ends(1, 0)}`])
    expect(await read('--offset', '@2199-01-01')).toEqual([0, '', `${ends(0, 2)}${ends(1, 0)}`])
  })

  test('and nothing at the end, nor where one partition has something', async () => {
    expect(await read('-p', '0', '--offset', '2')).toEqual([0, '', ''])
    expect(await read('--offset', 'latest')).toEqual([0, '', ''])
    expect((await read('--offset', '@-1h'))[2]).toBe('')
  })

  test('one partition is one', async () => {
    await weir(['topics', 'create', 'single', '--partitions', '1'])
    expect((await weir(['consume', 'single', '-e', '-p', '3'])).stderr).toContain('has 1 partition (0): partition "3"')
  })
})

test('a dashboard on a port that is taken is told how to take a free one', async () => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  try {
    const { code, stderr } = await weir(['dashboard', '-p', `${port}`])
    expect([code, stderr]).toEqual([2, expect.stringContaining('the port is taken: port 0 (-p 0) takes a free one')])
  } finally {
    await new Promise(resolve => taken.close(resolve))
  }
})

test('help names all ways of signing in', async () => {
  expect((await weir(['help'])).stdout).toMatch(/plain, scram-sha-256, scram-sha-512, oauthbearer\)/)
})
