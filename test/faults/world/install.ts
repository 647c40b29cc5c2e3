import crypto from 'node:crypto'
import net from 'node:net'
import timers from 'node:timers/promises'
import type { Kernel } from './kernel'
import { Random } from './random'
import type { VirtualSocket } from './virtual-network'
import { VirtualStream } from './virtual-stream'

/** When simulations begin, ms since 1970: a fixed day. */
export const START_MS = Date.UTC(2026, 0, 1)

/** What a turn of the event loop takes, ms: with less, who yields in a loop would stop the time. */
const TURN_MS = 0.02
const LEAST_TIMER_MS = 1
const LONGEST_TIMER_MS = 2 ** 31 - 1

type Connect = (options: { readonly host: string; readonly port: number }, connected: () => void) => VirtualSocket

class VirtualTimer {
  cancel: () => void

  constructor(private readonly plan: () => () => void) {
    this.cancel = plan()
  }
  /** Begins anew, whether or not it has run. */
  refresh(): this {
    this.cancel()
    this.cancel = this.plan()
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  [Symbol.toPrimitive](): number {
    return 0
  }
}

let current: { readonly kernel: Kernel; readonly chance: Random; readonly connect: Connect } | undefined

function running() {
  if (current === undefined) throw new Error('nothing is simulated now')
  return current
}

const within = (ms: unknown) => {
  const wanted = Math.trunc(Number(ms ?? 0))
  return wanted >= LEAST_TIMER_MS && wanted <= LONGEST_TIMER_MS ? wanted : LEAST_TIMER_MS
}

function later(run: (...args: unknown[]) => void, ms?: unknown, ...args: unknown[]): VirtualTimer {
  return new VirtualTimer(() => running().kernel.after(within(ms), () => run(...args)))
}

function soon(run: (...args: unknown[]) => void, ...args: unknown[]): VirtualTimer {
  return new VirtualTimer(() => running().kernel.after(TURN_MS, () => run(...args)))
}

function again(run: (...args: unknown[]) => void, ms?: unknown, ...args: unknown[]): VirtualTimer {
  let cancel = () => {}
  const plan = () => {
    cancel = running().kernel.after(within(ms), () => {
      plan()
      run(...args)
    })
  }
  return new VirtualTimer(() => {
    plan()
    return () => cancel()
  })
}

const stop = (timer: unknown) => {
  if (timer instanceof VirtualTimer) timer.cancel()
}

function sleep<T>(ms?: number, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const { signal } = options
    if (signal?.aborted) return reject(signal.reason)
    const aborted = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = later(() => {
      signal?.removeEventListener('abort', aborted)
      resolve(value)
    }, ms)
    signal?.addEventListener('abort', aborted)
  })
}

function uuid(): string {
  const digits = Array.from({ length: 32 }, () => running().chance.whole(0, 15).toString(16)).join('')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  )
}

/** As MQTT.js makes its connections. */
function createConnection(options: { readonly host: string; readonly port: number }): VirtualStream {
  const stream: VirtualStream = new VirtualStream(running().connect(options, () => stream.emit('connect')))
  return stream
}

let isInstalled = false

/**
 * Puts simulated time, chance and network in the place of this process's own: timers, clocks, `Math.random`, `randomUUID` and
 * `net.connect`, and `net.createConnection` as a stream. For good: who imports this module runs nothing but simulations.
 */
export function install(): void {
  if (isInstalled) return
  isInstalled = true
  const wall = () => Math.floor(START_MS + running().kernel.wall)
  Object.assign(globalThis, { setTimeout: later, setImmediate: soon, setInterval: again })
  Object.assign(globalThis, { clearTimeout: stop, clearImmediate: stop, clearInterval: stop })
  Object.assign(timers, { setTimeout: sleep })
  Date.now = wall
  performance.now = () => running().kernel.time
  Math.random = () => running().chance.next()
  Object.assign(crypto, { randomUUID: uuid })
  // What workers tell of their process.
  const memory = { rss: 100_000_000, heapUsed: 50_000_000 }
  const cpu = { user: 0, system: 0 }
  Object.defineProperty(process, 'pid', { value: 1 })
  Object.assign(process, { memoryUsage: () => memory, cpuUsage: () => cpu, uptime: () => running().kernel.time / 1000 })
  Object.assign(net, { connect: (...args: Parameters<Connect>) => running().connect(...args), createConnection })
}

/** Makes a simulation the one that time, chance and network come from. */
export function simulate(kernel: Kernel, seed: number, connect: Connect): void {
  current = { kernel, chance: new Random(seed, 'chance'), connect }
}
