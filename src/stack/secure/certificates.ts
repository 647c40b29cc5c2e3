import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onPath } from '../programs'
import { StackError } from '../stack-error'

const days = '3650'

/** @throws StackError where there is no openssl */
export function requireOpenssl(): string {
  const program = onPath('openssl')
  if (program !== undefined) return program
  throw new StackError(
    'the secured stack makes its certificates with openssl: install it with `apt install openssl` or `brew install openssl`',
  )
}

/** Runs openssl in a folder. Nothing secret is on its command line. */
function openssl(folder: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(requireOpenssl(), args, { cwd: folder, encoding: 'utf8' })
  if (status === 0) return
  throw new StackError(`openssl ${args[0]} failed: ${stderr.trim().split('\n').at(-1)}`)
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256']

function config(name: string, extensions: readonly string[]): string {
  return [
    ...['[req]', 'distinguished_name = name', 'prompt = no', 'x509_extensions = extensions'],
    ...['[name]', `CN = ${name}`],
    ...['[extensions]', ...extensions, ''],
  ].join('\n')
}

/** Writes an authority's certificate and key: `NAME.pem`, `NAME.key`. */
export function makeAuthority(folder: string, file: string, name: string): void {
  const settings = `${file}.cnf`
  const about = ['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign, cRLSign']
  writeFileSync(join(folder, settings), config(name, [...about, 'subjectKeyIdentifier = hash']))
  const out = ['-keyout', `${file}.key`, '-out', `${file}.pem`]
  openssl(folder, ['req', '-x509', ...newKey, '-days', days, ...out, '-config', settings])
  keepPrivate(folder, [`${file}.key`, `${file}.pem`])
  rmSync(join(folder, settings))
}

export interface Subject {
  /** The common name, which Kafka takes for the user's. */
  readonly name: string
  /** What the certificate is for, as in openssl's `subjectAltName`: `DNS:localhost,IP:127.0.0.1`. None for a client. */
  readonly hosts?: string
}

/** Writes a certificate that `authority` (a file's name without its ending) has signed, and its key: `FILE.pem`, `FILE.key`. */
export function issue(folder: string, authority: string, file: string, { name, hosts }: Subject): void {
  const settings = `${file}.cnf`
  const uses = hosts === undefined ? 'clientAuth' : 'serverAuth, clientAuth'
  const about = ['basicConstraints = critical, CA:FALSE', `extendedKeyUsage = ${uses}`]
  const named = hosts === undefined ? [] : [`subjectAltName = ${hosts}`]
  writeFileSync(join(folder, settings), config(name, [...about, ...named]))
  openssl(folder, ['req', '-new', ...newKey, '-keyout', `${file}.key`, '-out', `${file}.csr`, '-config', settings])
  const serial = `0x${randomBytes(16).toString('hex')}`
  const by = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-set_serial', serial]
  const extensions = ['-extfile', settings, '-extensions', 'extensions']
  openssl(folder, [
    'x509',
    '-req',
    '-in',
    `${file}.csr`,
    ...by,
    '-days',
    days,
    '-sha256',
    ...extensions,
    '-out',
    `${file}.pem`,
  ])
  keepPrivate(folder, [`${file}.key`, `${file}.pem`])
  for (const ending of ['cnf', 'csr']) rmSync(join(folder, `${file}.${ending}`))
}

function keepPrivate(folder: string, files: readonly string[]): void {
  for (const file of files) chmodSync(join(folder, file), 0o600)
}
