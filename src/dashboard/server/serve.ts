import type { AddressInfo } from 'node:net'
import { RegistryHttp } from '../../codecs/registry-http'
import { HistoryReader } from '../../connectors/postgres/history-reader'
import { ConfigError } from '../../errors'
import type { Log } from '../../log'
import { type KafkaConfig, openCluster } from '../../ops/cluster'
import { Registry } from '../../ops/registry'
import { surveyGroups } from '../../ops/survey-groups'
import { Applications } from './applications'
import { BrokersSeen } from './brokers-seen'
import { allCalls } from './calls/all-calls'
import { DecoderCache } from './decoder-cache'
import { Fleets } from './fleet/fleets'
import { fleetFrames } from './fleet/open-feeds'
import { GroupSampler } from './group-sampler'
import { LiveServer } from './live/live-server'
import { subscriptions } from './live/subscriptions'
import { Pictures } from './pictures'
import type { Reach } from './reach'
import { ServiceWatch } from './service-watch'
import { surroundingsOf } from './surroundings'
import { createApp } from './web/app'
import { Guard, isLoopback, shortestToken } from './web/guard'
import { type PageFile, PageFiles } from './web/page-files'

export interface DashboardOptions {
  readonly kafka: Omit<KafkaConfig, 'clientId'>
  readonly registryUrl: string
  /** The database that readings are kept in: without it a key's past is what the log has. */
  readonly databaseUrl?: string | undefined
  /** Where it listens (127.0.0.1). Elsewhere a token is needed. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  readonly token?: string | undefined
  readonly allowWrites?: boolean
  /** The page's files, as they were built. */
  readonly page: readonly PageFile[]
  readonly log: Log
  /** How long a service may take for one request, ms (5,000). */
  readonly timeoutMs?: number
}

export interface DashboardServer {
  /** `http://127.0.0.1:4800`. */
  readonly url: string
  readonly port: number
  /** Ends connections and clients; nothing of it is left when this resolves. */
  close(): Promise<void>
}

/**
 * Serves the dashboard: the page, the JSON API at `/api` and live data at `/api/live`. It starts while services are down, says which are, and works again when they
 * are back. Throws ConfigError: a token that is missing or too short, a port that can't be had.
 */
export async function serveDashboard(options: DashboardOptions): Promise<DashboardServer> {
  const { host = '127.0.0.1', port, token, log } = options
  checkToken(host, token)
  const { reach, fleets, close: closeReach } = openReach(options)
  const { watch } = reach
  const frames = fleetFrames(fleets)
  const decoders = new DecoderCache(reach)
  const pictures = new Pictures({ watch, patienceMs: reach.timeoutMs * 2 })
  const guard = new Guard({ token })
  const app = createApp({
    ...{ guard, pictures, log },
    handlers: allCalls(reach, decoders, frames),
    page: await PageFiles.of(options.page),
    outages: () => watch.outages,
  })
  const live = new LiveServer(app.server, guard, {
    ...{ log, open: subscriptions(reach, decoders, frames) },
    outages: () => watch.outages,
  })
  const close = async () => {
    live.close()
    await app.close()
    await closeReach()
  }
  try {
    await app.listen({ host, port })
  } catch (error) {
    await close()
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'the port is taken: port 0 (-p 0) takes a free one' : message
    throw new ConfigError(`the dashboard can't be served at ${host}:${port}: ${why}`)
  }
  const { address, port: taken, family } = app.server.address() as AddressInfo
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, port: taken, close }
}

function checkToken(host: string, token: string | undefined): void {
  if (token !== undefined && token.length < shortestToken)
    throw new ConfigError(`the dashboard's token has ${token.length} characters: ${shortestToken} are the least`)
  if (token === undefined && !isLoopback(host))
    throw new ConfigError(
      `at ${host} others can reach the dashboard: give it a token (--token or DASHBOARD_TOKEN), or leave --host out`,
    )
}

interface Opened {
  readonly reach: Reach
  readonly fleets: Fleets
  readonly close: () => Promise<void>
}

function openReach(options: DashboardOptions): Opened {
  const { kafka, registryUrl, databaseUrl, log, allowWrites = false, timeoutMs = 5_000 } = options
  const cluster = openCluster(kafka, timeoutMs)
  const registry = new Registry(registryUrl, timeoutMs)
  const asked = new RegistryHttp({ url: registryUrl, timeoutMs })
  const brokers = new BrokersSeen()
  const kafkaAnswers = async () => brokers.note((await cluster.brokers()).brokers, Date.now())
  const watch = new ServiceWatch({
    log,
    probes: { kafka: kafkaAnswers, registry: () => asked.ask('GET', '/config') },
  })
  const sampler = new GroupSampler({ survey: () => surveyGroups(cluster) })
  const fleets = new Fleets({ cluster, registry })
  const applications = new Applications({
    ...{ cluster, log },
    surroundings: () => surroundingsOf({ watch, sampler, brokers, fleets }),
  })
  const history = databaseUrl === undefined ? undefined : new HistoryReader(databaseUrl)
  const services = { cluster, kafka, registry, history, registryUrl: asked.base, watch, sampler, applications }
  const close = async () => {
    await fleets.close()
    const ended = [watch.close(), sampler.close(), applications.close(), history?.close()]
    await cluster.disconnect()
    await Promise.all(ended)
  }
  return { reach: { ...services, allowWrites, timeoutMs, log }, fleets, close }
}
