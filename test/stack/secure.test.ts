import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stackAddresses } from '../../src/stack/addresses'
import { isSecured } from '../../src/stack/home'
import { makeSecured } from '../../src/stack/secure/folder'
import { withGate } from '../../src/stack/secure/services'
import { securedLines } from '../../src/stack/secure/settings'
import { startStack } from '../../src/stack/stack'
import { readState, serviceNames, writeState } from '../../src/stack/state'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'weir-secure-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))
const folder = () => join(home, 'secure')
const certificate = (name: string) => new X509Certificate(readFileSync(join(folder(), `${name}.pem`)))

test('certificates of an authority of its own, which nobody else can read', () => {
  makeSecured(home)
  const authority = certificate('ca')
  expect(authority.ca).toBe(true)
  for (const [name, subject] of [
    ['server', 'CN=weir-broker'],
    ['client', 'CN=weir'],
    ['admin', 'CN=weir-admin'],
  ] as const) {
    const issued = certificate(name)
    expect(issued.checkIssued(authority) && issued.verify(authority.publicKey)).toBe(true)
    expect(issued.subject).toBe(subject)
    expect(issued.ca).toBe(false)
  }
  expect(certificate('server').checkHost('localhost')).toBe('localhost')
  expect(certificate('server').checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(certificate('client').checkHost('localhost')).toBeUndefined()
  expect(statSync(folder()).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(folder()))
    expect([name, statSync(join(folder(), name)).mode & 0o777]).toEqual([name, 0o600])
})

test('are made once, each home has its own', () => {
  makeSecured(home)
  const before = certificate('ca').fingerprint256
  makeSecured(home)
  expect(certificate('ca').fingerprint256).toBe(before)
  rmSync(folder(), { recursive: true })
  makeSecured(home)
  expect(certificate('ca').fingerprint256).not.toBe(before)
})

test('a home with data of services that trust everybody is refused, and left as it is', async () => {
  mkdirSync(join(home, 'postgres'))
  await expect(startStack({ home, secure: true, services: ['mqtt'] })).rejects.toMatchObject({
    message: expect.stringMatching(/were made without --secure: .*reset/),
    exitCode: 2,
  })
  expect(isSecured(home)).toBe(false)
})

test.each([
  [{ light: true }, '--light'],
  [{ brokers: 3 }, '--brokers 3'],
] as const)('%j does not go with it', async (options, named) => {
  await expect(startStack({ home, secure: true, ...options })).rejects.toThrow(named)
  makeSecured(home)
  await expect(startStack({ home, ...options })).rejects.toThrow(named)
})

test('what is printed names files and shows no secret, and the addresses have TLS', () => {
  makeSecured(home)
  const [kafka, gate] = [
    { port: 1, controllerPort: 2, saslPort: 3 },
    { port: 4, tokenPort: 5 },
  ]
  writeState(home, { kafka, gate, registry: { port: 6 }, postgres: { port: 7 }, mqtt: { port: 8, wsPort: 9 } })
  expect(readState(home)).toMatchObject({ kafka, gate })
  const printed = securedLines(home).join('\n')
  for (const name of ['kafka-password', 'oauth-secret', 'registry-password', 'mqtt-password', 'postgres-password'])
    expect(printed).not.toContain(readFileSync(join(folder(), name), 'utf8'))
  expect(printed).toContain('KAFKA_BROKERS=localhost:1\n')
  expect(printed).toContain('# KAFKA_BROKERS=localhost:3\n')
  expect(stackAddresses(home)).toMatchObject({
    registryUrl: 'https://localhost:4/apis/ccompat/v7',
    mqttUrl: 'mqtts://localhost:8',
    databaseUrl: expect.stringContaining('sslmode=verify-full'),
  })
  const database = new URL(readFileSync(join(folder(), 'database-url'), 'utf8'))
  expect([database.username, database.port]).toEqual(['weir', '7'])
  expect(statSync(join(folder(), 'database-url')).mode & 0o777).toBe(0o600)
})

test('the gate is started with what needs it', () => {
  expect(withGate(serviceNames)).toContain('gate')
  expect(withGate(['postgres', 'mqtt'])).not.toContain('gate')
})

test('openssl agrees', () => {
  makeSecured(home)
  const verify = (name: string) =>
    execFileSync('openssl', ['verify', '-CAfile', 'ca.pem', `${name}.pem`], { cwd: folder(), encoding: 'utf8' })
  for (const name of ['server', 'client', 'admin']) expect(verify(name)).toContain('OK')
})
