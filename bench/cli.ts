import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createCluster, ensureTopics } from '../src/connectors/kafka'
import { onPath } from '../src/stack/programs'
import { load } from './harness/load'
import { markdown, median, origin, quiet, type Ratio, ratioTable } from './harness/report'
import { repository, type Services, startServices } from './harness/services'

export interface CliOptions {
  readonly readings: number
  readonly rounds: number
  readonly quietS: number
}

const topics = 1_000
const partitions = 10

interface Timed {
  readonly name: string
  readonly seconds: readonly number[]
}

/** Seconds of a whole process, start included; what it prints goes to a file of nobody's. */
function time(program: string, args: readonly string[], { environment }: Services): number {
  const nowhere = openSync('/dev/null', 'w')
  const started = performance.now()
  const env = { ...process.env, ...environment }
  const { status, stderr } = spawnSync(program, args, { env, stdio: ['ignore', nowhere, 'pipe'], encoding: 'utf8' })
  closeSync(nowhere)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.slice(-500)}`)
  return (performance.now() - started) / 1000
}

const weir = (...line: string[]) => [process.execPath, [join(repository, 'bin/weir.mjs'), ...line]] as const

/** One after the other in each round, so that a busy minute slows all of them. */
async function timeAll(
  programs: readonly (readonly [name: string, program: string, args: readonly string[]])[],
  services: Services,
  { rounds, quietS }: CliOptions,
): Promise<Timed[]> {
  const seconds = programs.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    await quiet(quietS)
    for (const [i, [, program, args]] of programs.entries()) seconds[i]!.push(time(program, args, services))
  }
  return programs.map(([name], i) => ({ name, seconds: seconds[i]! }))
}

/** `npm run bench -- cli`: the commands on a large cluster and on a long topic, kcat beside them where it is installed. */
export async function cli(options: CliOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const { total } = await load({ topic: 'readings', format: 'weir', readings: options.readings }, services)
    const brokers = services.addresses.kafkaBrokers
    const kcat = onPath('kcat')
    const consume = await timeAll(
      [
        ['weir consume, Avro to NDJSON', ...weir('consume', 'readings', '--exit-eof')],
        ['weir consume, values as base64', ...weir('consume', 'readings', '--exit-eof', '--value-format', 'base64')],
        ...(kcat === undefined
          ? []
          : ([
              ['kcat -J, values not decoded', kcat, ['-b', brokers, '-C', '-t', 'readings', '-e', '-q', '-J']],
            ] as const)),
      ],
      services,
      options,
    )
    const cluster = createCluster(services.kafka)
    for (let i = 0; i < topics; i += 100) {
      await ensureTopics(
        cluster,
        Array.from({ length: 100 }, (_, n) => ({ topic: `many-${i + n}`, partitions })),
      )
    }
    await cluster.disconnect()
    const list = await timeAll([['weir topics list', ...weir('topics', 'list')]], services, options)
    const rate = ({ seconds }: Timed) => total / median(seconds)
    const ratios: Ratio[] = [
      { what: 'consume, Avro to NDJSON, records/s', value: rate(consume[0]!), floor: 100_000, aim: 200_000 },
      {
        what: `topics list, ${topics} topics of ${partitions} partitions, s`,
        value: median(list[0]!.seconds),
        floor: 1.5,
        aim: 0.75,
        less: true,
      },
    ]
    const rows = [...consume, ...list].map(each => [
      each.name,
      median(each.seconds).toFixed(2),
      each.name === 'weir topics list' ? '' : Math.round(rate(each)).toLocaleString('en-US'),
    ])
    const { heading, ...about } = origin()
    const title = `${heading}; ${total} readings, ${options.rounds} rounds, median, process start included`
    const text = [title, markdown(['command', 's', 'records/s'], rows), ratioTable(ratios)].join('\n\n')
    return { text, ...about, total, consume, list }
  } finally {
    await services.stop()
  }
}
