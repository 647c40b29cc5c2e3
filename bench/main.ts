import { Command, InvalidArgumentError } from 'commander'
import { ask } from './ask'
import { cli } from './cli'
import { compare } from './compare'
import { growth } from './growth'
import { guarantee } from './guarantee'
import { latency } from './latency'
import { members } from './members'
import { micro } from './micro'
import { pages } from './pages'
import { rebalance } from './rebalance'
import { restart } from './restart'
import { restore } from './restore'
import { scale } from './scale'
import { state } from './state'

interface Answer {
  /** For people; everything else is for machines. */
  readonly text: string
}

function whole(text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number, 1 or more.')
  return value
}

function print(answer: unknown, json: boolean | undefined): void {
  const { text, ...rest } = answer as Answer
  console.log(json ? JSON.stringify(rest, undefined, 2) : text)
}

interface Common {
  readonly json?: boolean
  readonly readings: number
  readonly rounds: number
  readonly quiet: number
}

const program = new Command('bench')
  .description('measures weir on this machine, on services of its own; see bench/README.md')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

program
  .command('compare', { isDefault: true })
  .description('the sensors job against the limit loop, and with --peers against other stacks')
  .option('--peers', 'the peers too: JDK 17, Maven and Python 3 have to be there (WEIR_PEERS names their folder)')
  .option('--readings <n>', 'readings in the topic', whole, 3_000_000)
  .option('--rounds <n>', 'runs of each contestant; the median counts', whole, 3)
  .option('--only <name>', 'contestants whose name holds this', '')
  .option('--quiet <s>', 'how long a run waits for a quiet machine', whole, 60)
  .option('--json', 'figures for machines')
  .action(async ({ json, peers, only, ...rest }: Common & { peers?: boolean; only: string }) => {
    const { readings, rounds, quiet } = rest
    print(await compare({ readings, rounds, only, peers: peers === true, quietS: quiet }), json)
  })

program
  .command('latency')
  .description('how long a reading and a rollup take to their readers, at a steady pace')
  .option('--seconds <n>', 'how long it is measured', whole, 60)
  .option('--rate <n>', 'readings per second', whole, 20_000)
  .option('--json', 'figures for machines')
  .action(async ({ json, seconds, rate }: { json?: boolean; seconds: number; rate: number }) =>
    print(await latency({ seconds, rate }), json),
  )

program
  .command('ask')
  .description('how long an answer of the running topology takes, while it works at a steady pace')
  .option('--seconds <n>', 'how long it is measured', whole, 30)
  .option('--rate <n>', 'readings per second', whole, 20_000)
  .option('--requests <n>', 'requests per second', whole, 1_000)
  .option('--json', 'figures for machines')
  .action(async ({ json, ...options }: { json?: boolean; seconds: number; rate: number; requests: number }) =>
    print(await ask(options), json),
  )

program
  .command('cli')
  .description('weir consume beside kcat, and weir topics list on 1,000 topics')
  .option('--readings <n>', 'readings in the topic', whole, 1_000_000)
  .option('--rounds <n>', 'runs of each; the median counts', whole, 5)
  .option('--quiet <s>', 'how long a run waits for a quiet machine', whole, 60)
  .option('--json', 'figures for machines')
  .action(async ({ json, readings, rounds, quiet }: Common) =>
    print(await cli({ readings, rounds, quietS: quiet }), json),
  )

program
  .command('micro')
  .description('decoding, each step, each kind of window, state and commits by themselves')
  .option('--only <name>', 'steps whose name holds this, and nothing else', '')
  .option('--json', 'figures for machines')
  .action(async ({ json, only }: { json?: boolean; only: string }) => print(await micro({ only }), json))

program
  .command('guarantee')
  .description('exactly once against at least once')
  .option('--readings <n>', 'readings in the topic', whole, 1_000_000)
  .option('--rounds <n>', 'runs of each; the median counts', whole, 3)
  .option('--json', 'figures for machines')
  .action(async ({ json, readings, rounds }: Common) => print(await guarantee({ readings, rounds }), json))

program
  .command('pages')
  .description('what ten pages of the dashboard cost the job')
  .option('--readings <n>', 'readings in the topic', whole, 1_000_000)
  .option('--rounds <n>', 'runs of each; the median counts', whole, 5)
  .option('--quiet <s>', 'how long a run waits for a quiet machine', whole, 60)
  .option('--json', 'figures for machines')
  .action(async ({ json, readings, rounds, quiet }: Common) =>
    print(await pages({ readings, rounds, quietS: quiet }), json),
  )

program
  .command('growth')
  .description('100,000 windows that close at once, and a worker whose ends are away')
  .option('--minutes <n>', 'how long Postgres and the MQTT broker are away', whole, 10)
  .option('--json', 'figures for machines')
  .action(async ({ json, minutes }: { json?: boolean; minutes: number }) => print(await growth({ minutes }), json))

program
  .command('scale')
  .description('what a reading costs as partitions, keys and workers grow')
  .option('--readings <n>', 'readings in each topic', whole, 500_000)
  .option('--seconds <n>', 'how long a steady pace is measured', whole, 20)
  .option('--json', 'figures for machines')
  .action(async ({ json, readings, seconds }: { json?: boolean; readings: number; seconds: number }) =>
    print(await scale({ readings, seconds }), json),
  )

program
  .command('rebalance')
  .description('what a subscriber sees while workers join, leave, are restarted and killed')
  .option('--workers <n>', 'workers, a process each', whole, 4)
  .option('--sensors <n>', 'sensors', whole, 2_000)
  .option('--rate <n>', 'readings per second', whole, 20_000)
  .option('--json', 'figures for machines')
  .action(async ({ json, ...options }: { json?: boolean; workers: number; sensors: number; rate: number }) =>
    print(await rebalance(options), json),
  )

program
  .command('members')
  .description('what a rebalance of many workers costs, in bytes and time, on a real coordinator')
  .option('--members <n>', 'workers of one group, and a tenth of them', whole, 800)
  .option('--partitions <n>', 'of the source, and a tenth of them', whole, 6_400)
  .option('--json', 'figures for machines')
  .action(async ({ json, ...options }: { json?: boolean; members: number; partitions: number }) =>
    print(await members(options), json),
  )

program
  .command('restore')
  .description('a changelog of a million windows, read back into a store')
  .option('--rounds <n>', 'the median counts', whole, 5)
  .option('--json', 'figures for machines')
  .action(async ({ json, rounds }: { json?: boolean; rounds: number }) => print(await restore({ rounds }), json))

program
  .command('restart')
  .description('what a successor reads of a large state on disk whose owner was killed')
  .option('--keys <n>', 'keys of the store, with 1,000 characters each', whole, 1_000_000)
  .option('--json', 'figures for machines')
  .action(async ({ json, keys }: { json?: boolean; keys: number }) => print(await restart({ keys }), json))

// An interrupted bench leaves nothing running: contestants are ended as it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

program
  .command('state')
  .description('counts by key in memory and on disk, and the memory that each takes')
  .option('--keys <n>', 'keys of the store on disk', whole, 10_000_000)
  .option('--json', 'figures for machines')
  .action(async ({ json, keys }: { json?: boolean; keys: number }) => print(await state({ keys }), json))

program
  .parseAsync()
  .then(() => process.exit(0))
  .catch(error => {
    console.error(`bench: ${error instanceof Error ? (process.env.DEBUG ? error.stack : error.message) : error}`)
    process.exit(1)
  })
