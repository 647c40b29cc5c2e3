import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Order } from './order'

/** How long a process may take to start or stop its applications: a machine with other work is slow. */
const limitMs = 300_000

/** A process that runs applications of one of the sides. */
export class Instance {
  private readonly child: ChildProcess
  private readonly exited: Promise<void>
  private answer: ((line: string) => void) | undefined
  private isWanted = true
  /** Rejects when the process ends by itself. */
  readonly failed: Promise<never>

  constructor(
    private readonly name: string,
    command: readonly [string, ...string[]],
  ) {
    const [program, ...args] = command
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.child.stdout! }).on('line', line => this.answer?.(line))
    this.exited = new Promise(resolve => this.child.once('exit', () => resolve()))
    this.failed = new Promise((_resolve, reject) =>
      this.child.once('exit', (code, signal) => {
        if (this.isWanted) reject(new Error(`${this.name} has ended by itself: ${signal ?? code}`))
      }),
    )
    this.failed.catch(() => undefined)
  }

  async start(folder: string, order: Omit<Order, 'stateDir'>): Promise<void> {
    const file = join(folder, `${this.name}.json`)
    // The folder is the same after a kill: an instance of Kafka Streams finds its own identity there.
    writeFileSync(file, JSON.stringify({ ...order, stateDir: join(folder, this.name) }))
    await this.say(`start ${file}`, 'started')
  }

  /** Ends the pace of its order. */
  hurry(): Promise<void> {
    return this.say('hurry', 'hurried')
  }

  stop(): Promise<void> {
    return this.say('stop', 'stopped')
  }

  async kill(): Promise<void> {
    this.isWanted = false
    this.child.kill('SIGKILL')
    await this.exited
  }

  private async say(line: string, wanted: string): Promise<void> {
    const answered = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} has not ${wanted} in ${limitMs} ms`)), limitMs)
      this.answer = answer => {
        clearTimeout(timer)
        resolve(answer)
      }
    })
    this.child.stdin!.write(`${line}\n`)
    const answer = await Promise.race([answered, this.failed])
    if (answer !== wanted) throw new Error(`${this.name}, told to ${line}: ${answer}`)
  }
}
