import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConfig } from '../../src/connectors/kafka'
import { type Stack, startStack, stopStack } from '../../src/stack/stack'

export interface KafkaStack {
  readonly config: KafkaConfig
  restart(how?: { signal?: NodeJS.Signals; downMs?: number }): Promise<void>
  stop(): Promise<void>
}

/** A Kafka of this test file's own, on a free port. */
export async function startKafka(): Promise<KafkaStack> {
  const home = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
  const stack: Stack = await startStack({ home, services: ['kafka'], ports: { kafka: 0 }, attached: true })
  return {
    config: { brokers: stack.addresses.kafkaBrokers.split(','), clientId: 'test' },
    async restart({ signal, downMs = 0 } = {}) {
      await stack.stopService('kafka', signal === undefined ? {} : { signal })
      await sleep(downMs)
      await stack.startService('kafka')
    },
    async stop() {
      await stopStack(home)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Polls until `check` returns something true. */
export async function until<T>(
  check: () => T | Promise<T>,
  what: string | (() => string),
  limitMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const found = await check()
    if (found) return found
    if (Date.now() > deadline)
      throw new Error(`waited ${limitMs} ms in vain for ${typeof what === 'string' ? what : what()}`)
    await sleep(20)
  }
}
