import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Order } from './lane'
import type { Outcome } from './simulation'

const root = join(__dirname, '../..')

/** MB of the youngest objects before they are looked through: worlds come and go, and with Node's 16 that takes 11 % of the time. */
const execArgv = ['--max-semi-space-size=64']

interface Waiting {
  readonly order: Order
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** Processes that run seeds, each one seed at a time. */
export class Lanes {
  private readonly idle: ChildProcess[] = []
  private readonly all: ChildProcess[] = []
  private readonly waiting: Waiting[] = []
  private readonly busy = new Map<ChildProcess, Waiting>()

  /** `env`: what is planted into the engine in these lanes. */
  constructor(
    count: number,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {
    for (let i = 0; i < count; i++) this.add()
  }

  run(order: Order): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ order, resolve, reject })
      this.next()
    })
  }

  close(): void {
    this.waiting.length = 0
    for (const lane of this.all) {
      this.busy.delete(lane)
      lane.kill()
    }
  }

  private add(): void {
    const env = { ...process.env, LOG_LEVEL: 'fatal', ...this.env }
    const lane = fork(join(root, 'bin/run.mjs'), [join(__dirname, 'lane.ts')], { env, cwd: root, execArgv })
    lane.on('message', (outcome: Outcome & { crashed?: string }) => {
      const done = this.busy.get(lane)
      this.busy.delete(lane)
      this.idle.push(lane)
      if (outcome.crashed === undefined) done?.resolve(outcome)
      else done?.reject(new Error(`seed ${outcome.seed} ended the simulation: ${outcome.crashed}`))
      this.next()
    })
    lane.on('exit', (code, signal) => {
      const done = this.busy.get(lane)
      this.busy.delete(lane)
      this.all.splice(this.all.indexOf(lane), 1)
      if (done === undefined) return
      done.reject(new Error(`seed ${done.order.seed} ended its process (${signal ?? code})`))
      this.add()
      this.next()
    })
    this.all.push(lane)
    this.idle.push(lane)
  }

  private next(): void {
    while (this.waiting.length > 0) {
      const lane = this.idle.pop()
      if (lane === undefined) return
      const next = this.waiting.shift()
      if (next === undefined) return void this.idle.push(lane)
      this.busy.set(lane, next)
      lane.send(next.order)
    }
  }
}
