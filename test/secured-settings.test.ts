import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLine } from '../src/cli/programs/start-line'
import { settings } from '../src/cli/shared/settings'
import { readConfig } from '../src/config'
import { withFiles } from '../src/setting-files'
import { tlsOf } from '../src/tls/tls-url'

const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n'
let folder: string
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-secrets-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const common = { output: 'table', timeout: 1 } as const

test('a file holds what a variable would, for the workers and for the commands', () => {
  const url = 'postgresql://u:p@host/db'
  expect(readConfig({ DATABASE_URL_FILE: file('db', `${url}\n`) }).databaseUrl).toBe(url)
  const sasl = {
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD_FILE: file('pw', ' p \r\n'),
  }
  const expected = { mechanism: 'plain', username: 'u', password: ' p ' }
  expect(readConfig(sasl).kafka.sasl).toEqual(expected)
  expect(settings(common, sasl).kafka.sasl).toEqual(expected)
})

test.each([
  [{ MQTT_URL: 'mqtt://a', MQTT_URL_FILE: '/x' }, 'MQTT_URL and MQTT_URL_FILE are both given'],
  [{ MQTT_URL_FILE: '/nowhere/at/all' }, "MQTT_URL_FILE: /nowhere/at/all can't be read: ENOENT"],
])('%j is a fault', (given, message) => {
  expect(() => withFiles(given)).toThrow(message)
})

test('an empty file is a fault', () => {
  expect(() => withFiles({ DATABASE_URL_FILE: file('empty', '\n') })).toThrow('is empty')
})

describe('Kafka', () => {
  const certificate = {
    KAFKA_SSL_CA: pem,
    KAFKA_SSL_CERT: pem,
    KAFKA_SSL_KEY: pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'),
  }
  const oauth = {
    KAFKA_SASL_MECHANISM: 'oauthbearer',
    KAFKA_OAUTH_TOKEN_URL: 'https://id/token',
    KAFKA_OAUTH_CLIENT_ID: 'c',
    KAFKA_OAUTH_CLIENT_SECRET: 's',
  }
  const both = (given: Record<string, string>) => {
    const { brokers: _, ...worker } = readConfig(given).kafka
    const { brokers: __, ...command } = settings(common, given).kafka
    expect(command).toEqual(worker)
    return worker
  }

  test('certificates of one’s own turn TLS on, and tokens are fetched by id and secret', () => {
    expect(both({})).toEqual({})
    expect(both({ KAFKA_SSL: 'yes' })).toEqual({ ssl: true })
    expect(both({ ...certificate, KAFKA_SSL_KEY_PASSWORD: 'p' })).toMatchObject({
      ssl: { ca: pem, cert: pem, key: expect.stringContaining('PRIVATE'), passphrase: 'p' },
    })
    expect(both({ ...oauth, KAFKA_OAUTH_SCOPE: 'kafka' })).toEqual({
      sasl: {
        ...{ mechanism: 'oauthbearer', tokenUrl: 'https://id/token', clientId: 'c', clientSecret: 's', scope: 'kafka' },
      },
    })
  })

  test.each([
    [{ ...certificate, KAFKA_SSL: 'false' }, 'KAFKA_SSL is off'],
    [{ KAFKA_SSL_CERT: pem }, 'go together'],
    [{ KAFKA_SSL_CA: '/etc/ca.pem' }, 'name its file with KAFKA_SSL_CA_FILE'],
    [{ ...oauth, KAFKA_OAUTH_CLIENT_SECRET: '' }, 'oauthbearer needs KAFKA_OAUTH_TOKEN_URL'],
    [{ ...oauth, KAFKA_OAUTH_TOKEN_URL: 'id' }, 'KAFKA_OAUTH_TOKEN_URL: not a URL'],
    [{ KAFKA_SASL_MECHANISM: 'gssapi' }, 'must be plain, scram-sha-256, scram-sha-512, oauthbearer'],
  ])('%# is a fault for both', (given, message) => {
    expect(() => readConfig(given)).toThrow(message)
    expect(() => settings(common, given)).toThrow(message)
  })
})

describe('certificates in URLs', () => {
  test('are files, read, and taken off the URL', () => {
    const [ca, cert, key] = ['ca', 'cert', 'key'].map(name => file(name, `-----BEGIN ${name}`))
    const url = `mqtts://u:p@broker:8883/?sslrootcert=${ca}&sslcert=${cert}&sslkey=${key}&sslpassword=x&other=1`
    expect(tlsOf(url, 'MQTT_URL')).toEqual({
      url: 'mqtts://u:p@broker:8883/?other=1',
      tls: { ca: '-----BEGIN ca', cert: '-----BEGIN cert', key: '-----BEGIN key', passphrase: 'x' },
    })
    expect(tlsOf('mqtt://broker', 'MQTT_URL')).toEqual({ url: 'mqtt://broker', tls: undefined })
  })

  test('that can not be read are faults of the setting, before anything starts', () => {
    const faults = (name: string, url: string) => {
      try {
        readConfig({ [name]: url })
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    const text = file('text', 'no certificate')
    expect(faults('MQTT_URL', 'mqtts://u:marked@b?sslrootcert=/nowhere')).toMatch(
      /^(?!.*marked).*MQTT_URL: sslrootcert names \/nowhere/,
    )
    expect(faults('SCHEMA_REGISTRY_URL', `https://u:marked@r?sslrootcert=${text}`)).toMatch(
      /^(?!.*marked).*is no PEM file/,
    )
    expect(faults('MQTT_URL', `mqtts://b?sslcert=${file('c', pem)}`)).toContain('sslcert and sslkey go together')
  })
})

test('the first line of a start names users and no secret', () => {
  const config = readConfig({
    ...{
      KAFKA_BROKERS: 'k:9092',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'me',
      KAFKA_SASL_PASSWORD: 'marked',
    },
    ...{ DATABASE_URL: 'postgresql://u:marked@p/db?sslpassword=marked', MQTT_URL: 'mqtts://u:marked@m' },
    SCHEMA_REGISTRY_URL: 'https://u:marked@r/path',
  })
  const line = startLine('t.ts', 'app', config)
  expect(line).toContain(
    'Kafka k:9092 as me, schema registry https://u@r/path, Postgres postgresql://u@p/db, MQTT mqtts://u@m',
  )
  expect(line).not.toContain('marked')
})
