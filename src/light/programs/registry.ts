import { LightRegistry } from '../light-registry'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** `registry.ts <port>`: a light schema registry until the process is told to end. */
async function main(): Promise<void> {
  const registry = await LightRegistry.start(Number(process.argv[2]))
  say(`light schema registry on ${registry.url}: in memory, gone with this process`)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
