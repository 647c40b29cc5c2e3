import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../../errors'
import { UsageError } from '../../ops/errors'
import type { BrokerCount, ServiceName } from '../../stack'
import { exitCode, oneLine } from '../shared/exit-code'
import { asWeirs, ownCommand } from '../shared/own-command'
import { localStack } from '../shared/own-packages'
import { whole } from '../shared/parse'

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

function printAddresses(names: readonly ServiceName[]): void {
  const { kafkaBrokers, registryUrl, mqttUrl, mqttWsUrl, databaseUrl } = localStack().stackAddresses()
  const lines: Partial<Record<ServiceName, string>> = {
    kafka: `Kafka            ${kafkaBrokers}`,
    registry: `Schema registry  ${registryUrl}`,
    postgres: `Postgres         ${databaseUrl}`,
    mqtt: `MQTT             ${mqttUrl}  ${mqttWsUrl}`,
  }
  for (const name of names) if (name in lines) console.log(lines[name])
}

/** Said at each start: what it is good for follows from it. */
const aboutLight = () =>
  'light: Kafka and the registry are programs of Node, for first steps and tests: what is in them outlives a stop and a crash of theirs, ' +
  'and not the power, for nothing is forced to the disk; nothing is replicated, and they are not fast. ' +
  `\`${localStack().stackCommand} reset\` begins anew.`

interface UpOptions {
  readonly brokers?: BrokerCount
  readonly light?: boolean
  readonly secure?: boolean
}

async function up(given: ServiceName[], { brokers, light, secure }: UpOptions): Promise<void> {
  const names = given.length > 0 ? given : localStack().serviceNames
  const interrupt = new AbortController()
  // Not once: npm passes a terminal's Ctrl-C on, so that it arrives twice.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())
  await localStack().startStack({ services: names, brokers, light, secure, onProgress: tell, signal: interrupt.signal })
  const home = localStack().stackHome()
  if (localStack().isSecured(home)) {
    tell('Whoever connects needs what these lines name; they are for .env, and show no secret:')
    for (const line of localStack().securedLines(home)) console.log(line)
  } else printAddresses(names)
  if (light) tell(aboutLight())
  tell(`They run on in the background; \`${localStack().stackCommand} down\` stops them.`)
}

async function down(): Promise<void> {
  const stopped = await localStack().stopStack(undefined, tell)
  if (stopped.length === 0) tell('nothing runs')
}

async function status(): Promise<void> {
  const damaged = localStack().damagedState(localStack().stackHome())
  if (damaged !== undefined) tell(damaged)
  const rows = await localStack().stackStatus()
  for (const { name, state, ports, pid, program } of rows)
    console.log(`${name.padEnd(9)} ${state.padEnd(13)} ${ports.padEnd(14)} ${pid ?? ''} ${program}`.trimEnd())
  process.exitCode = rows.every(row => row.state === 'running') ? 0 : 1
}

/** Prints what is added to the logs from now on. */
async function follow(names: readonly ServiceName[], print: (name: ServiceName, text: string) => void): Promise<never> {
  const home = localStack().stackHome()
  const ends = new Map<ServiceName, number>()
  const size = (name: ServiceName): number =>
    statSync(localStack().logOf(home, name), { throwIfNoEntry: false })?.size ?? 0
  for (const name of names) ends.set(name, size(name))
  for (;;) {
    await sleep(250)
    for (const name of names) {
      const [from, to] = [ends.get(name) ?? 0, size(name)]
      ends.set(name, to)
      if (to <= from) continue
      const bytes = Buffer.alloc(to - from)
      const file = openSync(localStack().logOf(home, name), 'r')
      readSync(file, bytes, 0, bytes.length, from)
      closeSync(file)
      print(name, bytes.toString('utf8').trimEnd())
    }
  }
}

async function logs(names: ServiceName[], options: { lines: number; follow?: boolean }): Promise<void> {
  const shown = names.length > 0 ? names : localStack().serviceNames
  const print = (name: ServiceName, text: string): void => {
    for (const line of text.split('\n')) console.log(shown.length > 1 ? `${name.padEnd(9)} ${line}` : line)
  }
  for (const name of shown) {
    const tail = localStack().logTail(localStack().stackHome(), name, options.lines)
    if (tail.length > 0) print(name, tail.join('\n'))
  }
  if (options.follow === true) await follow(shown, print)
}

async function reset(): Promise<void> {
  await localStack().resetStack(undefined, tell)
  tell(`the data and logs below ${localStack().stackHome()} are deleted; the downloads stay`)
}

const oneOf = (names: readonly ServiceName[], value: string, before: ServiceName[]): ServiceName[] => {
  const name = names.find(service => service === value)
  if (name === undefined) throw new UsageError(`"${value}" is none of ${names.join(', ')}`)
  return [...before, name]
}
const startable = (value: string, before: ServiceName[]) => oneOf(localStack().serviceNames, value, before)
const logged = (value: string, before: ServiceName[]) => oneOf(localStack().allServices, value, before)

const program = ownCommand('weir stack').description(
  'the local services: Kafka, a schema registry, Postgres, an MQTT broker',
)
const brokerCount = (value: string): BrokerCount => {
  if (value !== '1' && value !== '3')
    throw new UsageError(`--brokers "${value}": give 1, or 3, of which one may be lost`)
  return value === '1' ? 1 : 3
}

program
  .command('up')
  .description('start what does not run yet')
  .argument('[services...]', '', startable, [])
  .option('--brokers <n>', 'brokers of Kafka: 1, or 3 with three copies of each record', brokerCount)
  .option('--secure', 'by TLS, with certificates, passwords and tokens that are made here; prints the lines for .env')
  .option('--light', 'Kafka and the registry on Node alone: no Java, one copy, forced to no disk')
  .action(up)
program.command('down').description('stop all').action(down)
program.command('status').description('what runs, and where; exit 1 unless all do').action(status)
program
  .command('logs')
  .description('the end of the logs')
  .argument('[services...]', '', logged, [])
  .option('-n, --lines <n>', 'lines of each', whole('lines', 1), 20)
  .option('-f, --follow', 'go on with what is added')
  .action(logs)
program.command('reset').description('stop all and delete its data').action(reset)

program.parseAsync().catch((error: unknown) => {
  const told = error instanceof ConfigError ? error : localStack().inWords(error, localStack().stackHome())
  // Several lines only where a service's own log is quoted.
  tell(asWeirs(Object(told).name === 'StackError' ? Object(told).message : oneLine(told)))
  process.exitCode = exitCode(error)
})
