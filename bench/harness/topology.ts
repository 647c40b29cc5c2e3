import { type ChildProcess, spawn } from 'node:child_process'
import { createCluster, ensureTopics, LATEST, offsetAt } from '../../src/connectors/kafka'
import { repository, type Services } from './services'
import { command } from './weir'

/** Makes a topic, empty; it can be written to: a broker may say for a moment that it doesn't know one that has just been made. */
export async function makeTopic({ kafka }: Services, topic: string, partitions = 10): Promise<void> {
  const cluster = createCluster(kafka)
  try {
    await ensureTopics(cluster, [{ topic, partitions }])
    for (let partition = 0; partition < partitions; partition++)
      await offsetAt({ cluster }, { topic, partition }, LATEST)
  } finally {
    await cluster.disconnect()
  }
}

type Stderr = 'inherit' | 'ignore' | 'pipe'

/** Processes that mustn't outlive the bench. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const each of living) each.kill('SIGKILL')
})

/** Starts a command of package.json that ends with the bench at the latest; it prints nothing but to stderr. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv, stderr: Stderr, hasIpc = false): ChildProcess {
  const [program, ...rest] = command(...args)
  const env = { ...process.env, ...environment }
  const app = spawn(program!, rest, {
    cwd: repository,
    env,
    stdio: ['ignore', 'ignore', stderr, ...(hasIpc ? (['ipc'] as const) : [])],
  })
  living.add(app)
  app.once('exit', () => living.delete(app))
  return app
}

/** The topology by its shipped command, against the bench's services; it ends with this process. */
export function startTopology(
  { environment }: Services,
  options: { environment?: NodeJS.ProcessEnv; stderr?: Stderr; args?: readonly string[] } = {},
): ChildProcess {
  const args = ['src/cli/programs/topology.ts', ...(options.args ?? [])]
  return start(args, { ...environment, ...options.environment }, options.stderr ?? 'inherit')
}

/** As `startTopology`, in a process that has loaded everything once this resolves; it joins when it is sent a message. */
export async function startLoaded({ environment }: Services, own: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const app = start(['bench/rebalance/loaded-worker.ts'], { ...environment, ...own }, 'pipe', true)
  await new Promise(resolve => app.once('message', resolve))
  return app
}

/** Loads what a worker of the topology loads, in a process of its own, and joins nothing. Throws where that fails. */
export async function loadAside({ environment }: Services, file: string): Promise<void> {
  const args = ['src/cli/shell/weir.ts', 'topology', 'describe', file]
  const app = start(args, environment, 'inherit')
  const code = await new Promise(resolve => app.once('exit', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}`)
}
