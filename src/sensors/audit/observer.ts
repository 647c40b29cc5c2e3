import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../errors'
import type {
  ObserverAnswer,
  ObserverCommand,
  ObserverReport,
  ObserverStart,
  ObserverStatus,
} from './observer-messages'

const root = resolve(__dirname, '../../..')
/** How long the broker has to confirm the subscription. */
const subscribeLimitMs = 30_000
const reportLimitMs = 30_000

const noLatency = { count: 0, p50: undefined, p99: undefined, max: 0 }
const nothing: ObserverStatus = { distinct: 0, duplicates: 0, foreign: 0, windows: 0, outages: 0, recent: noLatency }

/** A real subscriber and a reader of the raw table, at work in a process of their own. */
export interface Observer {
  /** Up to 500 ms old. */
  readonly status: ObserverStatus
  /** Rejects when its process ends unasked. */
  readonly failed: Promise<never>
  /** What was seen until now. */
  report(): Promise<ObserverReport>
  stop(): Promise<void>
}

/** Starts an observer and resolves when the broker has confirmed its subscription. Rejects with UnavailableError. */
export async function startObserver(start: ObserverStart, onWarning: (line: string) => void): Promise<Observer> {
  const child = fork(resolve(root, 'bin/run.mjs'), ['src/sensors/audit/observer-child.ts'], { cwd: root })
  const tell = (command: ObserverCommand) => child.connected && child.send(command)
  let status = nothing
  let stopping = false
  const onReport: ((report: ObserverReport) => void)[] = []
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const failed = new Promise<never>((_, reject) => {
    child.on('error', cause =>
      reject(new UnavailableError(`the observer can't be started: ${cause.message}`, { cause })),
    )
    child.on('exit', (code, signal) => {
      if (!stopping) reject(new UnavailableError(`the observer's process ended (${signal ?? `exit code ${code}`})`))
    })
  })
  failed.catch(() => undefined)
  const subscribed = new Promise<void>(resolve => {
    child.on('message', (answer: ObserverAnswer) => {
      if (answer.subscribed) resolve()
      if (answer.status) status = answer.status
      if (answer.warning !== undefined) onWarning(answer.warning)
      if (answer.report) for (const done of onReport.splice(0)) done(answer.report)
    })
  })
  tell({ start })
  const stop = async () => {
    stopping = true
    if (child.connected) child.disconnect()
    await ended
  }
  try {
    const what = `the MQTT broker at ${new URL(start.mqttUrl).host} to confirm a subscription`
    await within(subscribeLimitMs, what, [subscribed, failed])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get status() {
      return status
    },
    failed,
    async report() {
      const report = new Promise<ObserverReport>(resolve => onReport.push(resolve))
      tell({ report: true })
      return within(reportLimitMs, 'its report', [report, failed])
    },
    stop,
  }
}

/** The first of the promises, or UnavailableError after `limitMs`. */
async function within<T>(limitMs: number, what: string, promises: readonly Promise<T>[]): Promise<T> {
  const timer = new AbortController()
  const late = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new UnavailableError(`the observer: waited ${limitMs} ms for ${what}`)
  })
  late.catch(() => undefined)
  return Promise.race([...promises, late]).finally(() => timer.abort())
}
