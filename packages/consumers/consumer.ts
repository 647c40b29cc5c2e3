import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/stack/ports'

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
    /** The version of Node that it runs on; the one that runs this unless given. */
    readonly node?: string
  }
}

export interface ConsumerOptions {
  /** What it is copied from. */
  readonly source: string
  /** Where it is installed and run. */
  readonly folder: string
  /** Tarballs by package name. */
  readonly tarballs: Readonly<Record<string, string>>
  readonly environment: NodeJS.ProcessEnv
}

/** Milliseconds. */
const limits = { command: 300_000, result: 90_000, end: 15_000 }

/** A project that has weir's packages from their tarballs, as one of somebody else has. */
export class Consumer {
  readonly name: string
  private readonly manifest: Manifest
  private readonly environment: NodeJS.ProcessEnv

  constructor(private readonly options: ConsumerOptions) {
    const { source, folder, environment } = options
    cpSync(source, folder, { recursive: true })
    this.manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    this.name = this.manifest.name.replace('consumer-', '')
    const programs = [join(folder, 'node_modules', '.bin')]
    if (this.nodePackage !== undefined) programs.unshift(join(folder, 'node_modules', this.nodePackage, 'bin'))
    this.environment = { ...environment, PATH: [...programs, environment.PATH].join(delimiter) }
  }

  /** Installs, compiles, tests and runs it. Rejects with an Error that shows what failed. */
  async check(): Promise<void> {
    const { setup } = this.manifest.scripts
    await this.install()
    for (const script of ['build', 'test'])
      if (script in this.manifest.scripts) await this.command('npm', ['run', script])
    for (const topic of ['clicks', 'counts'])
      await this.command('weir', ['topics', 'create', `${this.name}-${topic}`, '-p', '2'])
    if (setup !== undefined) await this.command('npm', ['run', 'setup'])
    await this.runTopology()
  }

  private get nodePackage(): string | undefined {
    const { node } = this.manifest.consumer ?? {}
    return node === undefined ? undefined : `node-${process.platform}-${process.arch}`
  }

  private async install(): Promise<void> {
    const { dependencies, devDependencies, consumer } = this.manifest
    const own = Object.entries(this.options.tarballs).filter(([name]) => name in dependencies)
    const manifest = {
      ...this.manifest,
      dependencies: { ...dependencies, ...Object.fromEntries(own.map(([name, file]) => [name, `file:${file}`])) },
      devDependencies: { ...devDependencies, ...(this.nodePackage && { [this.nodePackage]: consumer?.node ?? '' }) },
    }
    writeFileSync(join(this.options.folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
    await this.command('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  }

  private spawn(program: string, args: readonly string[]): { child: ChildProcess; said: () => string } {
    const child = spawn(program, args, { cwd: this.options.folder, env: this.environment })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
    return { child, said: () => said }
  }

  private async command(program: string, args: readonly string[], input = ''): Promise<string> {
    const { child, said } = this.spawn(program, args)
    child.stdin?.end(input)
    const late = setTimeout(() => child.kill('SIGKILL'), limits.command)
    const [code, signal] = await once(child, 'close')
    clearTimeout(late)
    if (code === 0) return said()
    throw new Error(`${[program, ...args].join(' ')}: ${signal ?? `exit code ${code}`}\n${said()}`)
  }

  /** Two clicks in, a count of two out, a signal, and an end in order. */
  private async runTopology(): Promise<void> {
    const { scripts, consumer } = this.manifest
    const port = await freePort()
    this.environment.PORT = String(port)
    const { child, said } = this.spawn('sh', ['-c', `exec ${scripts.start}`])
    const ended = once(child, 'close')
    try {
      const clicks = ['1', '2'].map(key => `${key}:{"page":"home"}\n`).join('')
      await this.command('weir', ['produce', `${this.name}-clicks`, '-K', ':', '--value-format', 'json'], clicks)
      await Promise.race([
        this.awaitResult(consumer?.expects ?? 'value == 2'),
        ended.then(([code]) => Promise.reject(new Error(`it ended with exit code ${code}`))),
      ])
      if (consumer?.health !== undefined) await assertHealthy(`http://127.0.0.1:${port}${consumer.health}`)
      child.kill('SIGTERM')
      const [code] = await Promise.race([ended, sleep(limits.end, ['still runs'])])
      if (code !== 0) throw new Error(`after SIGTERM: exit code ${code}`)
    } catch (error) {
      throw new Error(`${scripts.start}: ${(error as Error).message}\n${said()}`)
    } finally {
      child.kill('SIGKILL')
    }
  }

  private async awaitResult(expected: string): Promise<void> {
    const filter = ['--filter', `key == "home" && ${expected}`, '-n', '1']
    const { child, said } = this.spawn('weir', ['consume', `${this.name}-counts`, ...filter])
    const late = setTimeout(() => child.kill('SIGKILL'), limits.result)
    const [code] = await once(child, 'close')
    clearTimeout(late)
    if (code !== 0) throw new Error(`no result came within ${limits.result / 1000} s\n${said()}`)
  }
}

async function assertHealthy(url: string): Promise<void> {
  const { status } = await fetch(url)
  if (status !== 200) throw new Error(`${url} answered ${status}`)
}
