import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../../errors'
import type { Outages } from '../../outages'
import type { Clock } from '../task/clock'
import type { Health } from '../worker/health'
import type { Worker } from '../worker/worker'
import { healthOf, readinessOf } from './health'
import { createMetrics, type Metrics, type MetricsOptions } from './metrics'

export interface MetricsServerOptions {
  /** 127.0.0.1 for this machine alone, 0.0.0.0 or :: for every network that it is in. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The services that are away now. */
  readonly outages: Pick<Outages, 'current'>
  readonly clock: Clock
  /** Health turns red when consuming stands still for so long, ms. */
  readonly stalledMs: number
}

export interface MetricsServer {
  readonly port: number
  /** Where it listens, as `http://127.0.0.1:9464`. */
  readonly url: string
  /** The services answer, and this is the worker: it counts from now on. */
  watch(app: Pick<MetricsOptions, 'worker' | 'vitals'>): void
  close(): Promise<void>
}

/**
 * Serves `/metrics` (Prometheus), `/health` (JSON; 503 when consuming has stopped) and `/ready` (JSON; 503 unless records are processed
 * and every service answers). Reasons name addresses, so only this machine is given them. Throws ConfigError when it can't listen.
 */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { clock, stalledMs } = options
  const startedAt = clock.monotonic()
  let worker: Worker | undefined
  let metrics: Metrics | undefined
  const health = (): Health => {
    if (worker !== undefined) return healthOf(worker, clock.monotonic(), stalledMs)
    const waited = clock.monotonic() - startedAt
    const reason = `services have not answered for ${Math.round(waited / 1000)} s since the start`
    return waited > stalledMs ? { ok: false, state: 'starting', reason } : { ok: true, state: 'starting' }
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/health' || path === '/ready') {
      const { reason, ...found } = path === '/health' ? health() : readinessOf(worker, options.outages)
      const shown = isOwnMachine(request.socket.remoteAddress) ? { ...found, reason } : found
      return answer(response, found.ok ? 200 : 503, 'application/json', JSON.stringify(shown))
    }
    if (path !== '/metrics') return answer(response, 404, 'text/plain', '/metrics, /health or /ready\n')
    if (metrics === undefined) return answer(response, 200, 'text/plain', '')
    metrics.text(request.headers.accept).then(
      ({ contentType, body }) => answer(response, 200, contentType, body),
      error => answer(response, 500, 'text/plain', `${(error as Error).message}\n`),
    )
  })
  const { address, port, family } = await listen(server, options)
  return {
    port,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    watch(app) {
      worker = app.worker
      metrics = createMetrics({ ...app, outages: options.outages, clock, stalledMs })
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

function listen(server: Server, { host, port }: MetricsServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(new ConfigError(`METRICS_PORT ${port} of METRICS_HOST ${host} can't be served: ${message}`)),
    )
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })
}

const isOwnMachine = (address = ''): boolean => /^(::ffff:)?127\.|^::1$/.test(address)

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}
