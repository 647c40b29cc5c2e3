import { pageFiles } from './build/page-files'
import { type DashboardOptions, type DashboardServer, serveDashboard } from './server/serve'

export type { DashboardServer }

/** Where the dashboard is served as a rule. */
export const usualPort = 4800

/**
 * The dashboard with its page. Throws ConfigError: a token that is missing or too short, a port that can't be had.
 *
 * @example
 * const dashboard = await startDashboard({ kafka: { brokers: ['127.0.0.1:9092'] }, registryUrl: 'http://127.0.0.1:8081', port: 0, log })
 * dashboard.url // http://127.0.0.1:40123
 */
export async function startDashboard(options: Omit<DashboardOptions, 'page'>): Promise<DashboardServer> {
  return serveDashboard({ ...options, page: await pageFiles() })
}
