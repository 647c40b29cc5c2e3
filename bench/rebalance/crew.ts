import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended } from '../harness/child'
import type { Services } from '../harness/services'
import { startLoaded, startTopology } from '../harness/topology'
import type { Arrivals } from './arrivals'

/** A process with one worker, and what it has said that it owns. */
interface Life {
  readonly name: string
  readonly process: ChildProcess
  tasks: readonly string[] | undefined
  ended: boolean
}

/** Settled for so long, an event is over. */
const steadyMs = 3_000
const mostMs = 300_000
/** Readings of a sensor come every 100 ms; who hasn't been heard for so long isn't served. */
const servedMs = 1_500

/** The workers of one application, a process each; what they own is read from their logs. */
export class Crew {
  private readonly lives: Life[] = []
  /** Who has owned a task since `begin`: of more than one life, it has moved. */
  private owners = new Map<string, Set<Life>>()

  constructor(
    private readonly services: Services,
    private readonly environmentOf: (name: string) => NodeJS.ProcessEnv,
    private readonly tasks: readonly string[],
  ) {}

  start(name: string): void {
    this.follow(name, startTopology(this.services, { environment: this.environmentOf(name), stderr: 'pipe' }))
  }

  /** Starts a process that has loaded everything a worker has; resolves with what makes it join. */
  async load(name: string): Promise<() => void> {
    const process = await startLoaded(this.services, this.environmentOf(name))
    return () => {
      this.follow(name, process)
      process.send('join')
    }
  }

  private follow(name: string, process: ChildProcess): void {
    const life: Life = { name, process, tasks: undefined, ended: false }
    this.lives.push(life)
    process.once('exit', () => {
      life.ended = true
    })
    createInterface(process.stderr!).on('line', line => {
      const [, tasks] = /generation \d+: tasks ([^;"]*)/.exec(line) ?? []
      if (tasks === undefined) return
      life.tasks = tasks.split(' ').filter(task => this.tasks.includes(task))
      for (const task of life.tasks) this.owners.get(task)?.add(life)
    })
  }

  async stop(name: string): Promise<void> {
    await ended(this.named(name).process)
  }

  async kill(name: string): Promise<void> {
    const { process } = this.named(name)
    const gone = new Promise(resolve => process.once('exit', resolve))
    process.kill('SIGKILL')
    await gone
  }

  async end(): Promise<void> {
    await Promise.all(this.living.map(life => ended(life.process)))
  }

  /** From now on owners are noted. */
  begin(): void {
    const ownerOf = (task: string) => this.living.filter(life => life.tasks?.includes(task))
    this.owners = new Map(this.tasks.map(task => [task, new Set(ownerOf(task))]))
  }

  /** Tasks that more than one process has owned since `begin`. */
  get moved(): string[] {
    return [...this.owners].flatMap(([task, lives]) => (lives.size > 1 ? [task] : []))
  }

  /** Resolves once each task has had one owner, each worker a task, and each sensor a reading, for 3 s. */
  async settled(arrivals: Arrivals): Promise<void> {
    let since: number | undefined
    for (const end = Date.now() + mostMs; ; await sleep(50)) {
      const now = Date.now()
      const isSteady = this.isShared && arrivals.silenceMs < servedMs
      since = isSteady ? (since ?? now) : undefined
      if (since !== undefined && now - since >= steadyMs) return
      if (now > end) throw new Error(`the workers had not settled after ${mostMs / 1000} s: ${this.told()}`)
    }
  }

  private get living(): Life[] {
    return this.lives.filter(life => !life.ended)
  }

  private get isShared(): boolean {
    const owned = this.living.map(({ tasks }) => tasks ?? [])
    const all = owned.flat()
    return (
      owned.every(tasks => tasks.length > 0) && all.length === this.tasks.length && new Set(all).size === all.length
    )
  }

  private told(): string {
    return this.living.map(({ name, tasks }) => `${name}: ${tasks?.join(' ') ?? 'nothing said'}`).join('; ')
  }

  private named(name: string): Life {
    const life = this.living.find(each => each.name === name)
    if (life === undefined) throw new Error(`no worker ${name}`)
    return life
  }
}
