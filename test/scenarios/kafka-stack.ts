import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConfig } from '../../src/connectors/kafka'
import { type Stack, startStack, stopStack } from '../../src/stack/stack'
import { isLight, laneServices } from './services'

export interface KafkaStack {
  readonly config: KafkaConfig
  restart(how?: { signal?: NodeJS.Signals; downMs?: number }): Promise<void>
}
export interface OwnKafka extends KafkaStack {
  stop(): Promise<void>
}

/** A Kafka of this test file's own, on a free port: for what must be alone in its cluster. */
export async function startKafka(): Promise<OwnKafka> {
  const home = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
  const stack = await startStack({ home, services: ['kafka'], ports: { kafka: 0 }, attached: true, light: isLight() })
  const stop = async () => {
    await stopStack(home)
    rmSync(home, { recursive: true, force: true })
  }
  return { ...kafkaOf(stack), stop }
}

let start = async (): Promise<KafkaStack> => kafkaOf(await laneServices(['kafka']))

/** The Kafka of this test file's lane, where the topics of other files are too; or the one that `useKafka` has put in its place. */
export const laneKafka = (): Promise<KafkaStack> => start()

/** What this file tests on Kafka is tested on another broker that speaks its protocol. */
export function useKafka(startOther: () => Promise<KafkaStack>): void {
  start = startOther
}

function kafkaOf(stack: Stack): KafkaStack {
  return {
    config: { brokers: stack.addresses.kafkaBrokers.split(','), clientId: 'test' },
    async restart({ signal, downMs = 0 } = {}) {
      await stack.stopService('kafka', signal === undefined ? {} : { signal })
      await sleep(downMs)
      await stack.startService('kafka')
    },
  }
}

/** How long a test waits for what is sure to come, ms: a machine that is busy with other things takes many times as long. */
export const patientMs = 180_000

/** Polls until `check` returns something true. A check that itself hangs fails too, at twice the limit. */
export async function until<T>(
  check: () => T | Promise<T>,
  what: string | (() => string),
  limitMs = patientMs,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs
  const inVain = () => new Error(`waited ${limitMs} ms in vain for ${typeof what === 'string' ? what : what()}`)
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(inVain()), 2 * limitMs)
  })
  try {
    for (;;) {
      const found = await Promise.race([check(), hangs])
      if (found) return found
      if (Date.now() > deadline) throw inVain()
      await sleep(20)
    }
  } finally {
    clearTimeout(timer)
  }
}
