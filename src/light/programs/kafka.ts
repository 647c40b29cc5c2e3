import { randomBytes } from 'node:crypto'
import { LightKafka } from '../light-kafka'
import { realClock } from '../world/real-clock'
import { tcp } from '../world/tcp'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** `kafka.ts <port>`: a light Kafka until the process is told to end. */
async function main(): Promise<void> {
  const port = Number(process.argv[2])
  // Each start is another cluster: no client takes the new one's topics and members for those that it knew.
  const clusterId = randomBytes(16).toString('base64url')
  const kafka = await LightKafka.start({ clock: realClock, network: tcp, ports: [port], clusterId, onFault: say })
  say(`light Kafka on ${kafka.brokers.join(',')}: in memory, gone with this process`)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
