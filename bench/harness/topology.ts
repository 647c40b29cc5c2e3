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

/** Processes that mustn't outlive the bench. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const each of living) each.kill('SIGKILL')
})

function endWithBench(app: ChildProcess): ChildProcess {
  living.add(app)
  app.once('exit', () => living.delete(app))
  return app
}

/** Ends a process in order and waits until it is gone. */
export async function ended(app: ChildProcess): Promise<void> {
  const gone = app.exitCode !== null ? undefined : new Promise(resolve => app.once('exit', resolve))
  app.kill('SIGTERM')
  await gone
}

/** The topology by its shipped command, against the bench's services; it ends with this process. */
export function startTopology(
  { environment }: Services,
  options: { environment?: NodeJS.ProcessEnv; stderr?: 'inherit' | 'ignore' | 'pipe'; args?: readonly string[] } = {},
): ChildProcess {
  const [program, ...args] = command('src/cli/programs/topology.ts', ...(options.args ?? []))
  const env = { ...process.env, ...environment, ...options.environment }
  const app = spawn(program!, args, { cwd: repository, env, stdio: ['ignore', 'ignore', options.stderr ?? 'inherit'] })
  return endWithBench(app)
}

/** Loads what a worker of the topology loads, in a process of its own, and joins nothing. Throws where that fails. */
export async function loadAside({ environment }: Services, file: string): Promise<void> {
  const [program, ...args] = command('src/cli/shell/weir.ts', 'topology', 'describe', file)
  const env = { ...process.env, ...environment }
  const app = endWithBench(spawn(program!, args, { cwd: repository, env, stdio: ['ignore', 'ignore', 'inherit'] }))
  const code = await new Promise(resolve => app.once('exit', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}`)
}
