import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Launch, runToEnd } from '../processes'
import type { StartContext } from '../service'
import type { PostgresHome } from './postgres-home'

/** The database of the local stack. */
export const database = 'sensors_db'
/** The role that people and weir use. It owns the databases and may make others, but can't leave the server: no superuser. */
export const user = 'postgres'
/** The first role of the data, to whom everything is allowed. */
export const superuser = 'weir_superuser'

/**
 * Whoever may enter the folder of the data (mode 0700) reaches the superuser, by the socket that lies in it. Over TCP any local user
 * connects, with any password, as everyone else: as superuser they would run programs as the owner of the server.
 */
const accessRules = [
  '# Written by weir. The socket is in the folder of the data, which its owner alone may enter.',
  'local  all  all                             trust',
  `host   all  ${superuser}  127.0.0.1/32  reject`,
  'host   all  all             127.0.0.1/32  trust',
  '',
].join('\n')

const rulesOf = (data: string): string => join(data, 'pg_hba.conf')

/** Whether the data is of a start before the superuser had a role of its own. */
export const isOutdated = (data: string): boolean =>
  existsSync(rulesOf(data)) && readFileSync(rulesOf(data), 'utf8') !== accessRules

/** Runs `statements` in a database by a server of one process, without a network. They are ended by an empty line. */
async function runAlone(
  { native, user: osUser }: PostgresHome,
  data: string,
  name: string,
  statements: string,
  { signal, log }: StartContext,
  onLine: (line: string) => void = log,
): Promise<void> {
  const file = join(data, 'statements.sql')
  // They may hold passwords. The server's user reads them by the shell's own hand.
  writeFileSync(file, statements, { mode: 0o600 })
  if (osUser !== undefined) chownSync(file, osUser.uid, osUser.gid)
  try {
    const server = `"${join(native, 'bin', 'postgres')}" --single -j -c exit_on_error=on -D "${data}" ${name} < "${file}"`
    const launch: Launch = { command: 'sh', args: ['-c', `exec ${server}`], cwd: data, env: { LC_ALL: 'C' }, ...osUser }
    await runToEnd(launch, signal, onLine)
  } finally {
    rmSync(file, { force: true })
  }
}

/** Written last and as a whole: data with these rules has its roles. */
function writeRules({ user: osUser }: PostgresHome, data: string, rules = accessRules): void {
  const part = `${rulesOf(data)}.part`
  writeFileSync(part, rules, { mode: 0o600 })
  if (osUser !== undefined) chownSync(part, osUser.uid, osUser.gid)
  renameSync(part, rulesOf(data))
}

/** Who may do what in new data, where it isn't as usual. */
export interface Access {
  /** The lines of pg_hba.conf. */
  readonly rules: string
  /** Statements after the roles and the database were made, by the database they run in. */
  readonly statements: Readonly<Record<string, readonly string[]>>
}
const usualAccess: Access = { rules: accessRules, statements: {} }

/** Gives new data (in `data`, which is about to become the home's) its role and its database. */
export async function createRoles(
  place: PostgresHome,
  data: string,
  context: StartContext,
  { rules, statements: more }: Access = usualAccess,
): Promise<void> {
  const statements = [
    `CREATE ROLE ${user} LOGIN CREATEDB CREATEROLE;`,
    `GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO ${user};`,
    `CREATE DATABASE ${database} OWNER ${user};`,
  ]
  for (const [name, own] of [['postgres', statements] as const, ...Object.entries(more)])
    await runAlone(place, data, name, own.map(each => `${each}\n\n`).join(''), context)
  writeRules(place, data, rules)
}

const sql = (name: string): string => readFileSync(join(__dirname, `${name}.sql`), 'utf8')

/** Parts the roles of data whose role `postgres` is the superuser. May be interrupted anywhere: the next start does it again. */
export async function upgradeRoles(place: PostgresHome, context: StartContext): Promise<void> {
  const { data } = place
  context.progress(`taking the superuser's power from its role "${user}": ${superuser} has it, by a socket in ${data}`)
  const databases: string[] = []
  await runAlone(place, data, 'postgres', sql('part-roles'), context, line => {
    const name = /^\s*1: datname = "(.*)"\t/.exec(line)?.[1]
    if (name !== undefined) databases.push(name)
    context.log(line)
  })
  for (const name of databases) await runAlone(place, data, `"${name}"`, sql('give-objects'), context)
  writeRules(place, data)
}
