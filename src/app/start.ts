import type { Topology } from '../dsl/graph'
import type { Running, StartSettings } from './running'

export type { Running, StartSettings } from './running'

/**
 * Runs a topology inside of another program, such as a service of Fastify or NestJS, as one worker of its application; started elsewhere too,
 * the workers share the partitions. It handles no signals, opens no port and never ends the process: that is the program's to do.
 *
 * Resolves once the services have answered and the worker has asked to join its group. Throws ConfigError, which names every fault, for
 * what is wrong in the settings or is no topology, TopologyError for what only the services can tell to be wrong.
 *
 * @example
 * const running = await start(rides, { kafka: { brokers: ['127.0.0.1:9092'] }, log: app.log })
 * app.get('/health', () => running.health())
 * app.addHook('onClose', () => running.stop())
 */
export async function start(topology: Topology, settings: StartSettings = {}): Promise<Running> {
  // Loaded when something is started: a topology is described and tested without engine and clients.
  const { startHere } = require('./start-here') as typeof import('./start-here')
  return startHere(topology, settings)
}
