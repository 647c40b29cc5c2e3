import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../../errors'
import type { Clock } from '../task/clock'
import type { Worker } from '../worker/worker'
import { healthOf } from './health'
import { createMetrics } from './metrics'

export interface MetricsServerOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly clock: Clock
  /** Health turns red when consuming stands still for so long, ms. */
  readonly stalledMs: number
}

export interface MetricsServer {
  readonly port: number
  /** The services answer, and this is the worker: it counts from now on. */
  watch(worker: Worker): void
  close(): Promise<void>
}

/** Serves `/metrics` (Prometheus) and `/health` (JSON; 503 when consuming has stopped). Throws ConfigError when the port is taken. */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { clock, stalledMs } = options
  const startedAt = clock.monotonic()
  let worker: Worker | undefined
  let metrics: ReturnType<typeof createMetrics> | undefined
  const health = () => {
    if (worker !== undefined) return healthOf(worker, clock.monotonic(), stalledMs)
    const waited = clock.monotonic() - startedAt
    const reason = `services have not answered for ${Math.round(waited / 1000)} s since the start`
    return waited > stalledMs ? { ok: false, state: 'starting', reason } : { ok: true, state: 'starting' }
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/health') {
      const found = health()
      return answer(response, found.ok ? 200 : 503, 'application/json', JSON.stringify(found))
    }
    if (path !== '/metrics') return answer(response, 404, 'text/plain', '/metrics or /health\n')
    if (metrics === undefined) return answer(response, 200, 'text/plain', '')
    const { contentType } = metrics
    metrics.metrics().then(
      text => answer(response, 200, contentType, text),
      error => answer(response, 500, 'text/plain', `${(error as Error).message}\n`),
    )
  })
  await listen(server, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    watch(started) {
      worker = started
      metrics = createMetrics({ worker, clock, stalledMs })
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(new ConfigError(`METRICS_PORT ${port} can't be served: ${error.message}`, { cause: error })),
    )
    server.listen(port, resolve)
  })
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}
