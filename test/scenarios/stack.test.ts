import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { Client } from 'pg'
import { usualPorts } from '../../src/stack/addresses'
import { isFree } from '../../src/stack/ports'
import { isAlive, type ProcessId } from '../../src/stack/processes'
import { type Stack, type StackOptions, stackAddresses, startStack } from '../../src/stack/stack'
import { processOf, readState, type ServiceName, serviceNames } from '../../src/stack/state'
import { until } from './kafka-stack'
import { cli, command, environment, isPrivate, newHome, removeHomes, root } from './stack-homes'

afterAll(removeHomes)

function processes(home: string): Record<ServiceName, ProcessId | undefined> {
  const state = readState(home)
  const entries = serviceNames.map(name => [name, processOf(state[name])] as const)
  return Object.fromEntries(entries) as Record<ServiceName, ProcessId | undefined>
}

const gone = (ids: readonly ProcessId[]) =>
  until(
    () => !ids.some(isAlive),
    () => `the end of ${ids.filter(isAlive).map(id => id.pid)}`,
  )

/** Every process whose command line names this home, keepers and helpers included. */
const naming = (home: string): string[] =>
  spawnSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(line => line.includes(home) && !/^\s*\d+\s+Z/.test(line))

async function sql<T>(text: string, url: string): Promise<T[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows as T[]
  } finally {
    await client.end()
  }
}

const kafkaAt = (brokers: string): Kafka =>
  new Kafka({ brokers: [brokers], clientId: 'stack-test', logLevel: logLevel.NOTHING, retry: { retries: 10 } })

describe('the services in the background', () => {
  const home = newHome()

  test('up brings up all four, and again finds them running', async () => {
    const first = cli(home, ['up'])
    expect(first.stderr).toContain('kafka: ready after')
    expect(first.status).toBe(0)
    const before = processes(home)
    expect(Object.values(before)).not.toContain(undefined)
    const second = cli(home, ['up'])
    expect(second.status).toBe(0)
    expect(processes(home)).toEqual(before)
    expect(second.stdout).toBe(first.stdout)
    expect(cli(home, ['status']).status).toBe(0)
  })

  test('they listen on 127.0.0.1 alone', async () => {
    for (const name of serviceNames) expect([name, await isPrivate(readState(home)[name]!.port)]).toEqual([name, true])
  })

  test('a service that was killed comes back on its port, with its data; the others are left alone', async () => {
    const { databaseUrl } = stackAddresses(home)
    await sql('CREATE TABLE kept AS SELECT 42 AS answer', databaseUrl)
    const before = processes(home)
    process.kill(before.postgres!.pid, 'SIGKILL')
    await gone([before.postgres!])
    const status = cli(home, ['status'])
    expect(status.stdout).toMatch(/postgres +stopped/)
    expect(status.status).toBe(1)
    expect(cli(home, ['up']).status).toBe(0)
    const after = processes(home)
    expect(after).toEqual({ ...before, postgres: after.postgres })
    expect(stackAddresses(home).databaseUrl).toBe(databaseUrl)
    expect(await sql('SELECT answer FROM kept', databaseUrl)).toEqual([{ answer: 42 }])
  })

  test('Postgres is durable and trusts loopback, whatever the password', async () => {
    const url = stackAddresses(home).databaseUrl.replace(':postgres@', ':anything@')
    const show = async (name: string) => Object.values((await sql<Record<string, string>>(`SHOW ${name}`, url))[0]!)[0]
    expect([await show('fsync'), await show('synchronous_commit')]).toEqual(['on', 'on'])
    expect(Number.parseInt((await show('server_version'))!, 10)).toBe(18)
  })

  test('the user of Postgres owns its database and has no power over the machine; the superuser is behind a socket', async () => {
    const { databaseUrl } = stackAddresses(home)
    const role =
      "SELECT rolsuper, pg_get_userbyid(datdba) AS owner FROM pg_roles, pg_database WHERE rolname = 'postgres' AND datname = 'sensors_db'"
    expect(await sql(role, databaseUrl)).toEqual([{ rolsuper: false, owner: 'postgres' }])
    await sql('CREATE TABLE o (line text)', databaseUrl)
    await expect(sql("COPY o FROM PROGRAM 'id'", databaseUrl)).rejects.toThrow(/permission denied/)
    await expect(sql("SELECT pg_read_file('/etc/passwd')", databaseUrl)).rejects.toThrow(/permission denied/)
    await expect(sql('ALTER ROLE postgres SUPERUSER', databaseUrl)).rejects.toThrow(/permission denied/)
    const superuser = databaseUrl.replace('postgres:postgres@', 'weir_superuser:any@')
    await expect(sql('SELECT 1', superuser)).rejects.toThrow(/rejects connection/)
    const folder = realpathSync(join(home, 'postgres'))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const client = new Client({
      host: folder,
      port: readState(home).postgres!.port,
      user: 'weir_superuser',
      database: 'sensors_db',
    })
    await client.connect()
    expect((await client.query('SHOW is_superuser')).rows).toEqual([{ is_superuser: 'on' }])
    await client.end()
  })

  test('down stops all of them and leaves no process', async () => {
    const before = processes(home)
    const down = cli(home, ['down'])
    expect(down.status).toBe(0)
    for (const name of serviceNames) {
      expect(down.stderr).toContain(`${name}: stopped`)
      expect(isAlive(before[name]!)).toBe(false)
    }
    expect(naming(home)).toEqual([])
    expect(cli(home, ['down']).stderr).toContain('nothing runs')
  })

  test('the logs are one a service', () => {
    for (const name of serviceNames) {
      const lines = cli(home, ['logs', name, '-n', '3']).stdout.split('\n').slice(0, -1)
      // The broker written in JavaScript says little.
      expect(lines.length).toBeLessThanOrEqual(3)
      expect(lines.join('').trim()).not.toBe('')
    }
  })

  test('reset deletes the data', async () => {
    expect(cli(home, ['reset']).status).toBe(0)
    expect(cli(home, ['up', 'postgres']).status).toBe(0)
    const tables = await sql("SELECT 1 FROM pg_tables WHERE tablename = 'kept'", stackAddresses(home).databaseUrl)
    expect(tables).toEqual([])
    expect(cli(home, ['down']).status).toBe(0)
  })
})

test('data whose user is still a superuser is upgraded at the next start, with all that the user has made', async () => {
  const home = newHome()
  expect(cli(home, ['up', 'postgres']).status).toBe(0)
  const { databaseUrl } = stackAddresses(home)
  const folder = realpathSync(join(home, 'postgres'))
  const rules = join(folder, 'pg_hba.conf')
  // As an earlier version made it: the first role is "postgres", it owns everything, and loopback is trusted.
  writeFileSync(rules, 'local all all trust\nhost all all 127.0.0.1/32 trust\n')
  const settings = { host: folder, port: readState(home).postgres!.port, user: 'weir_superuser' }
  const own = new Client({ ...settings, database: 'sensors_db' })
  await own.connect()
  for (const statement of [
    'SELECT pg_reload_conf()',
    'ALTER DATABASE sensors_db OWNER TO weir_superuser',
    'DROP OWNED BY postgres CASCADE',
    'DROP ROLE postgres',
    'CREATE ROLE helper SUPERUSER LOGIN',
  ])
    await own.query(statement)
  await own.end()
  const helper = new Client({ ...settings, user: 'helper', database: 'sensors_db' })
  await helper.connect()
  await helper.query('ALTER ROLE weir_superuser RENAME TO postgres')
  await helper.end()
  await sql('CREATE DATABASE "Another one"', databaseUrl)
  for (const url of [databaseUrl, databaseUrl.replace('/sensors_db', '/Another%20one')])
    await sql(
      `CREATE TABLE kept (id bigserial PRIMARY KEY, day date); INSERT INTO kept (day) VALUES ('2026-11-28');
       CREATE SCHEMA "Own" CREATE TABLE days (day date) PARTITION BY RANGE (day);
       CREATE TABLE "Own".rest PARTITION OF "Own".days DEFAULT;
       CREATE VIEW seen AS SELECT * FROM kept; CREATE TYPE mood AS ENUM ('good');
       CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      url,
    )
  // It runs: a start finds it, and says what is wrong with it.
  expect(cli(home, ['up', 'postgres']).stderr).toContain('is still a superuser')
  expect(cli(home, ['down']).status).toBe(0)
  const up = cli(home, ['up', 'postgres'])
  expect([up.status, up.stderr]).toEqual([0, expect.stringContaining("taking the superuser's power")])
  expect(readFileSync(rules, 'utf8')).toContain('reject')
  const powers = await sql("SELECT rolname FROM pg_roles WHERE rolsuper AND rolname <> 'weir_superuser'", databaseUrl)
  expect(powers).toEqual([])
  for (const url of [databaseUrl, databaseUrl.replace('/sensors_db', '/Another%20one')]) {
    await expect(sql("COPY kept FROM PROGRAM 'id'", url)).rejects.toThrow(/permission denied/)
    await sql(
      `INSERT INTO kept (day) VALUES ('2026-11-29'); ALTER TABLE kept ADD COLUMN more text; DROP VIEW seen; DROP FUNCTION one();
       CREATE TABLE "Own".p2 PARTITION OF "Own".days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01'); DROP TABLE "Own".rest;
       DROP SCHEMA "Own" CASCADE; DROP TYPE mood`,
      url,
    )
    expect(await sql('SELECT id FROM kept ORDER BY id', url)).toEqual([{ id: '1' }, { id: '2' }])
  }
  // The second start has nothing left to do.
  expect(cli(home, ['down']).status).toBe(0)
  expect(cli(home, ['up', 'postgres']).stderr).not.toContain("taking the superuser's power")
  expect(cli(home, ['down']).status).toBe(0)
})

describe('services of this process', () => {
  let stack: Stack
  const home = newHome()
  const options: StackOptions = { home, attached: true, ports: { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 } }

  beforeAll(async () => {
    stack = await startStack(options)
  })
  afterAll(async () => {
    await stack.stop()
    expect(naming(home)).toEqual([])
  })

  test('Kafka does not make topics by itself, and keeps what it has acknowledged when it is killed', async () => {
    const admin = kafkaAt(stack.addresses.kafkaBrokers).admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3, replicationFactor: 1 }] })
    await expect(admin.fetchTopicMetadata({ topics: ['unheard-of'] })).rejects.toThrow()
    await admin.disconnect()
    const producer = kafkaAt(stack.addresses.kafkaBrokers).producer()
    await producer.connect()
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'one', partition: 1 }] })
    await producer.disconnect()
    await stack.restart('kafka', { signal: 'SIGKILL' })
    const again = kafkaAt(stack.addresses.kafkaBrokers).admin()
    await again.connect()
    const ends = await again.fetchTopicOffsets('kept')
    expect(ends.map(({ partition, high }) => `${partition}:${high}`).sort()).toEqual(['0:0', '1:1', '2:0'])
    await again.disconnect()
  })

  test('an id of the registry resolves after it was killed right upon giving it', async () => {
    const { registryUrl } = stack.addresses
    const schema = JSON.stringify({ type: 'record', name: 'Kept', fields: [{ name: 'id', type: 'int' }] })
    const answer = await fetch(`${registryUrl}/subjects/kept-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema }),
    })
    const { id } = (await answer.json()) as { id: number }
    await stack.restart('registry', { signal: 'SIGKILL' })
    const found = (await (await fetch(`${registryUrl}/schemas/ids/${id}`)).json()) as { schema: string }
    expect(JSON.parse(found.schema)).toEqual(JSON.parse(schema))
  })

  test('one service can be down for a while', async () => {
    await stack.stopService('postgres', { signal: 'SIGKILL' })
    await expect(sql('SELECT 1', stack.addresses.databaseUrl)).rejects.toThrow(/ECONNREFUSED/)
    await stack.startService('postgres')
    expect(await sql('SELECT 1 AS one', stack.addresses.databaseUrl)).toEqual([{ one: 1 }])
  })

  test('a second start finds them, and leaves them when it stops', async () => {
    const before = processes(home)
    const second = await startStack(options)
    expect(second.addresses).toEqual(stack.addresses)
    await second.stop()
    expect(processes(home)).toEqual(before)
  })
})

describe('no orphans', () => {
  const script = (home: string): string => `
    require(${JSON.stringify(join(root, 'bin/typescript.cjs'))})
    const { startStack } = require(${JSON.stringify(join(root, 'src/stack/stack.ts'))})
    startStack({ home: ${JSON.stringify(home)}, attached: true, onProgress: line => console.log(line) })
      .then(() => { console.log('all up'); setInterval(() => {}, 1000) })`

  async function said(child: ChildProcess, pattern: RegExp): Promise<void> {
    let text = ''
    for await (const chunk of child.stdout!) {
      text += chunk
      if (pattern.test(text)) return
    }
    throw new Error(`ended before ${pattern}: ${text}`)
  }

  async function noneLeft(home: string): Promise<void> {
    await until(
      () => naming(home).length === 0,
      () => `none to be left: ${naming(home)}`,
    )
  }

  const start = (home: string): ChildProcess =>
    spawn(process.execPath, ['-e', script(home)], { env: environment(home), stdio: ['ignore', 'pipe', 'inherit'] })

  test('when the parent is killed with SIGKILL', async () => {
    const home = newHome()
    const parent = start(home)
    await said(parent, /all up/)
    const ids = Object.values(processes(home)) as ProcessId[]
    expect(ids).not.toContain(undefined)
    parent.kill('SIGKILL')
    await gone(ids)
    // The next start is not confused by what the dead one has left.
    expect(cli(home, ['status']).stdout).not.toContain('running')
    expect(cli(home, ['up', 'postgres', 'mqtt']).status).toBe(0)
    expect(cli(home, ['down']).status).toBe(0)
    await noneLeft(home)
  })

  test('when it is killed while it starts them', async () => {
    const home = newHome()
    const parent = start(home)
    await said(parent, /kafka: starting/)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await noneLeft(home)
  })

  test('when up is interrupted', async () => {
    const home = newHome()
    const up = spawn(process.execPath, command('up'), {
      cwd: root,
      env: environment(home),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let told = ''
    let sent = false
    up.stderr?.on('data', chunk => {
      told += chunk
      if (!/registry: starting/.test(told) || sent) return
      sent = true
      // Twice, as npm passes a terminal's Ctrl-C on.
      up.kill('SIGINT')
      setImmediate(() => up.kill('SIGINT'))
    })
    const [code] = await once(up, 'close')
    expect(told).toContain('interrupted')
    expect(code).toBe(130)
    await noneLeft(home)
  })
})

describe('ports', () => {
  test('where the usual one is taken, a free one is used, printed and remembered', async () => {
    const home = newHome()
    // On a machine where something listens already, that takes the part of this server.
    const occupant = createServer()
    if (await isFree(usualPorts.postgres))
      await new Promise<void>(done =>
        occupant.once('error', () => done()).listen(usualPorts.postgres, '127.0.0.1', done),
      )
    try {
      const up = cli(home, ['up', 'postgres'], { WEIR_STACK_PORTS: '' })
      expect(up.status).toBe(0)
      const port = readState(home).postgres!.port
      expect(port).not.toBe(usualPorts.postgres)
      expect(up.stderr).toContain(`port ${port} instead of ${usualPorts.postgres}`)
      expect(up.stdout).toContain(`127.0.0.1:${port}/sensors_db`)
      expect(await sql('SELECT 1 AS one', stackAddresses(home).databaseUrl)).toEqual([{ one: 1 }])
    } finally {
      occupant.close()
      cli(home, ['down'])
    }
  })
})
