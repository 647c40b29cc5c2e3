import { createPublicKey, generateKeyPairSync, pbkdf2Sync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSecured, secureOf, stackCommand } from '../home'
import { writePrivate } from '../private-file'
import { StackError } from '../stack-error'
import { issue, makeAuthority, requireOpenssl } from './certificates'

/** The user of a topology, at every service: what its client certificate is called. */
export const appUser = 'weir'
/** Whom Kafka allows everything, beside itself: for rights and other administration. */
export const adminUser = 'weir-admin'
export const brokerUser = 'weir-broker'
/** What a token has to be for, and who gives it. */
export const audience = 'weir-kafka'
export const issuer = 'weir-stack'

export const secrets = [
  'kafka-password',
  'oauth-secret',
  'registry-password',
  'mqtt-password',
  'postgres-password',
  'owner-password',
] as const
export type Secret = (typeof secrets)[number]

/** A file of the secured stack. */
export const secureFile = (home: string, name: string): string => join(secureOf(home), name)
export const readSecure = (home: string, name: string): string => readFileSync(secureFile(home, name), 'utf8')
export const secretOf = (home: string, name: Secret): string => readSecure(home, name)

/** What a home's services leave behind that were started without certificates. */
const plainData = ['kafka.json', 'kafka', 'registry', 'postgres', 'mqtt']

/**
 * Makes certificates and passwords for a home that is new; those of one that has some stay.
 * @throws StackError where the home has data of services without them, or there is no openssl
 */
export function makeSecured(home: string): void {
  if (isSecured(home)) return
  if (plainData.some(name => existsSync(join(home, name))))
    throw new StackError(
      `the services of ${home} were made without --secure: \`${stackCommand} reset\` deletes their data, or name another folder with WEIR_HOME`,
      { exitCode: 2 },
    )
  requireOpenssl()
  const part = `${secureOf(home)}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true, mode: 0o700 })
  makeAuthority(part, 'ca', 'weir stack authority')
  issue(part, 'ca', 'server', { name: brokerUser, hosts: 'DNS:localhost, IP:127.0.0.1, IP:::1' })
  issue(part, 'ca', 'client', { name: appUser })
  issue(part, 'ca', 'admin', { name: adminUser })
  const put = (name: string, text: string) => writePrivate(join(part, name), text)
  for (const name of secrets) put(name, randomBytes(18).toString('base64url'))
  const text = (name: string) => readFileSync(join(part, name), 'utf8')
  // Kafka reads a certificate and its key from one file.
  put('kafka-server.pem', `${text('server.key')}${text('server.pem')}`)
  put('mqtt-users', mosquittoUser(appUser, text('mqtt-password')))
  makeTokenKey(put)
  // Whole or not there.
  renameSync(part, secureOf(home))
}

/** A line of mosquitto's password file: PBKDF2 with SHA-512, as mosquitto_passwd makes it. */
function mosquittoUser(user: string, password: string): string {
  const [iterations, salt] = [101, randomBytes(12)]
  const hash = pbkdf2Sync(password, salt, iterations, 64, 'sha512')
  return `${user}:$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

/** The key that signs tokens, and the set of public keys by which Kafka checks them (RFC 7517). */
function makeTokenKey(put: (name: string, text: string) => void): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  put('token.key', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  const jwk = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' })
  put('token-keys.json', JSON.stringify({ keys: [{ ...jwk, kid: issuer, use: 'sig', alg: 'RS256' }] }))
}
