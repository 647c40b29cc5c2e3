import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/stack/ports'
import { command, type Place, spawned } from './command'

interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  /** What `npm run consumers` has to know of it. */
  readonly consumer?: {
    /** The result that is waited for, as a filter of `weir consume`; by default the count itself. */
    readonly expects?: string
    /** A path that answers 200 while the topology runs. */
    readonly health?: string
    /** Whether its page is opened, while the topology runs. */
    readonly dashboard?: boolean
    /** Files of `common/` that it has, too. */
    readonly common?: readonly string[]
    /** The versions of Node that it runs on, each a consumer by itself; the one that runs this unless given. */
    readonly nodes?: readonly string[]
  }
}

const common = join(__dirname, 'common')
const projects = join(__dirname, 'projects')

/** One kind of project. */
export interface Kind {
  readonly name: string
  /** What it is copied from. */
  readonly source: string
  /** The version of Node that it runs on; the one that runs this unless given. */
  readonly node?: string
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** All kinds of projects, by the folders of `projects/`. */
export const kinds: readonly Kind[] = readdirSync(projects).flatMap((name): Kind[] => {
  const source = join(projects, name)
  const { nodes } = manifestIn(source).consumer ?? {}
  return nodes?.map(node => ({ name: `${name}${node}`, source, node })) ?? [{ name, source }]
})

export interface ConsumerOptions {
  readonly kind: Kind
  /** Where it is installed and run. */
  readonly folder: string
  /** Tarballs by package name. */
  readonly tarballs: Readonly<Record<string, string>>
  readonly environment: NodeJS.ProcessEnv
}

/** Milliseconds. */
const limits = { result: 90_000, page: 30_000, end: 15_000 }

/** Node itself, as npm has it. */
const nodePackage = `node-${process.platform}-${process.arch}`

const filled = (file: string, name: string): string => readFileSync(file, 'utf8').replaceAll('{name}', name)

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Copies a project; `{name}` in its files is its name. */
function copyFilled(source: string, folder: string, name: string): void {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile()) write(join(folder, relative(source, file)), filled(file, name))
  }
}

/** A project that has weir's packages from their tarballs, as one of somebody else has. */
export class Consumer {
  private readonly manifest: Manifest
  private readonly environment: NodeJS.ProcessEnv

  constructor(private readonly options: ConsumerOptions) {
    const { kind, folder, environment } = options
    copyFilled(kind.source, folder, kind.name)
    for (const file of manifestIn(folder).consumer?.common ?? [])
      write(join(folder, file), filled(join(common, file), kind.name))
    this.manifest = manifestIn(folder)
    const programs = [join(folder, 'node_modules', '.bin')]
    if (kind.node !== undefined) programs.unshift(join(folder, 'node_modules', nodePackage, 'bin'))
    this.environment = { ...environment, PATH: [...programs, environment.PATH].join(delimiter) }
  }

  private get name(): string {
    return this.options.kind.name
  }

  /** Installs, compiles, tests and runs it. Rejects with an Error that shows what failed. */
  async check(): Promise<void> {
    const { setup } = this.manifest.scripts
    await this.install()
    for (const script of ['build', 'test'])
      if (script in this.manifest.scripts) await this.command('npm', ['run', script])
    for (const topic of ['clicks', 'pages', 'counts'])
      await this.command('weir', ['topics', 'create', `${this.name}-${topic}`, '-p', '2'])
    if (setup !== undefined) await this.command('npm', ['run', 'setup'])
    await this.runTopology()
  }

  private async install(): Promise<void> {
    const { dependencies, devDependencies } = this.manifest
    const { node } = this.options.kind
    const own = Object.entries(this.options.tarballs).filter(([name]) => name in dependencies)
    const manifest = {
      ...this.manifest,
      dependencies: { ...dependencies, ...Object.fromEntries(own.map(([name, file]) => [name, `file:${file}`])) },
      devDependencies: { ...devDependencies, ...(node && { [nodePackage]: node }) },
    }
    writeFileSync(join(this.options.folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
    await this.command('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  }

  private get place(): Place {
    return { cwd: this.options.folder, env: this.environment }
  }

  private command(program: string, args: readonly string[], input = ''): Promise<string> {
    return command(program, args, this.place, input)
  }

  /** Two clicks in, a count of two out, a signal, and an end in order. */
  private async runTopology(): Promise<void> {
    const { scripts, consumer } = this.manifest
    const port = await freePort()
    this.environment.PORT = String(port)
    const { child, said } = spawned('sh', ['-c', (scripts.start ?? '').replace(/^(exec )?/, 'exec ')], this.place)
    const ended = once(child, 'close')
    try {
      const clicks = ['1', '2'].map(key => `${key}:{"page":"home"}\n`).join('')
      await this.command('weir', ['produce', `${this.name}-clicks`, '-K', ':', '--value-format', 'json'], clicks)
      await Promise.race([
        this.awaitResult(consumer?.expects ?? 'value == 2'),
        ended.then(([code]) => Promise.reject(new Error(`it ended with exit code ${code}`))),
      ])
      if (consumer?.health !== undefined) await answerOf(`http://127.0.0.1:${port}${consumer.health}`)
      if (consumer?.dashboard) await this.openDashboard()
      child.kill('SIGTERM')
      const [code] = await Promise.race([ended, sleep(limits.end, ['still runs'])])
      if (code !== 0) throw new Error(`after SIGTERM: exit code ${code}`)
    } catch (error) {
      throw new Error(`${scripts.start}: ${(error as Error).message}\n${said()}`)
    } finally {
      child.kill('SIGKILL')
    }
  }

  /** The page comes with its scripts, and its list of applications has this one. */
  private async openDashboard(): Promise<void> {
    const { child, said } = spawned('weir', ['dashboard', '--port', '0'], this.place)
    const ended = once(child, 'close')
    try {
      const url = await this.untilIn(said, /http:\/\/127\.0\.0\.1:\d+/)
      const page = await answerOf(url)
      const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? []
      if (script === undefined) throw new Error(`${url} is no page with a script:\n${page}`)
      await answerOf(new URL(script, url).href)
      const listed = async () => answerOf(`${url}/api/applications`)
      await this.until(async () => (await listed()).includes(`"consumer-${this.name}"`), 'the application in the page')
      child.kill('SIGTERM')
      const [code] = await ended
      if (code !== 0) throw new Error(`after SIGTERM: exit code ${code}`)
    } catch (error) {
      throw new Error(`weir dashboard: ${(error as Error).message}\n${said()}`)
    } finally {
      child.kill('SIGKILL')
    }
  }

  private async untilIn(said: () => string, pattern: RegExp): Promise<string> {
    await this.until(async () => pattern.test(said()), String(pattern))
    return pattern.exec(said())?.[0] ?? ''
  }

  private async until(isSo: () => Promise<boolean>, what: string): Promise<void> {
    for (const endMs = Date.now() + limits.page; !(await isSo()); await sleep(100))
      if (Date.now() > endMs) throw new Error(`${what}: not within ${limits.page / 1000} s`)
  }

  private async awaitResult(expected: string): Promise<void> {
    const filter = ['--filter', `key == "home" && ${expected}`, '-n', '1']
    const { child, said } = spawned('weir', ['consume', `${this.name}-counts`, ...filter], this.place)
    const late = setTimeout(() => child.kill('SIGKILL'), limits.result)
    const [code] = await once(child, 'close')
    clearTimeout(late)
    if (code !== 0) throw new Error(`no result came within ${limits.result / 1000} s\n${said()}`)
  }
}

/** The text of a page. Rejects with an Error unless it is answered with 200. */
async function answerOf(url: string): Promise<string> {
  const answer = await fetch(url)
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
  return answer.text()
}
