import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readConfig } from '../../config'
import { withDotenv } from '../../dotenv'
import { log } from '../../log'
import { UsageError } from '../../ops/errors'
import { dashboard as dashboardPackage } from '../shared/own-packages'
import { whole } from '../shared/parse'
import { verb } from '../shared/verb'

interface Options {
  readonly port?: number
  readonly host: string
  readonly token?: string
  readonly allowWrites?: boolean
  readonly open?: boolean
}

const largestPort = 65_535

function port(text: string): number {
  const value = whole('port')(text)
  if (value > largestPort) throw new UsageError(`port must be ${largestPort} at most, not "${text}"`)
  return value
}

export default verb<Options>({
  options: [
    { flags: '-p, --port <n>', about: 'where it is served (4800); 0 takes a free one', parse: port },
    {
      flags: '--host <address>',
      about: 'the address it is served at: elsewhere a token is needed',
      default: '127.0.0.1',
    },
    { flags: '--token <text>', about: 'what others have to know (DASHBOARD_TOKEN), 16 characters at least' },
    { flags: '--allow-writes', about: 'create, delete, reset, produce and redrive, each confirmed by name' },
    { flags: '--open', about: 'open it in the browser' },
  ],
  about: `One page of the cluster and of what runs on it: applications with what is wrong and why, topics and their messages, groups and
their lag, schemas, dead letters. The same as JSON under /api, described by /api/openapi.json. Ctrl-C ends it.
It starts while services are down, says which, and goes on by itself. Only this machine reaches it, and it changes nothing, unless told.`,
  examples: [
    ['dashboard', 'the page at http://127.0.0.1:4800'],
    ['dashboard --allow-writes --open', 'with everything that can be changed, in the browser'],
    ['dashboard --host 0.0.0.0 --port 8080', 'for others, who open it once with /?token=...'],
  ],
  async run({ options, out, kafka, registryUrl, timeoutMs, stop }) {
    const { startDashboard, usualPort } = dashboardPackage()
    const { host, port = usualPort, allowWrites = false } = options
    const token = options.token ?? (withDotenv().DASHBOARD_TOKEN || undefined)
    const dashboard = await startDashboard({
      ...{ kafka, registryUrl, databaseUrl: readConfig().databaseUrl, host, port, token, allowWrites, log },
      timeoutMs: Math.min(timeoutMs, 5_000),
    })
    try {
      out.thing({ url: dashboard.url, writes: allowWrites }, ({ url }) => out.line(url))
      if (token !== undefined) out.note('it needs its token: open it once with /?token=...')
      if (options.open) openInBrowser(dashboard.url, line => out.note(line))
      if (!stop.aborted) await once(stop, 'abort')
    } finally {
      await dashboard.close()
    }
  },
})

function openInBrowser(url: string, tell: (line: string) => void): void {
  const { platform } = process
  const [command, ...args] =
    platform === 'darwin' ? ['open'] : platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const opened = spawn(command ?? 'xdg-open', [...args, url], { stdio: 'ignore', detached: true })
  opened.on('error', error => tell(`no browser was opened: ${error.message}`))
  opened.unref()
}
