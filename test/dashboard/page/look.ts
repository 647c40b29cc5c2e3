/**
 * Serves the page over made-up answers, for those who work on how it looks: `node bin/run.mjs test/dashboard/page/look.ts 4811`. Real data is served by
 * `weir dashboard`.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { pageFiles } from '../../../src/dashboard/build/page-files'
import { application } from './made-up'
import { answerTo } from './made-up-answers'

const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"

async function look(port: number): Promise<void> {
  const files = await pageFiles()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://look')
    if (pathname.startsWith('/api/')) {
      const answer = answerTo(pathname, searchParams)
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      return response.end(JSON.stringify(answer ?? problem))
    }
    const file = files.find(({ path }) => path === pathname) ?? files.find(({ path }) => path === '/index.html')
    const type = types[pathname.split('.').at(-1) ?? ''] ?? 'text/html'
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy })
    return response.end(file?.body)
  })
  const sockets = new WebSocketServer({ server, path: '/api/live' })
  sockets.on('connection', socket => {
    socket.on('message', text => {
      const { do: what, id, to } = JSON.parse(String(text))
      if (what !== 'subscribe') return
      if (to.kind === 'status') socket.send(JSON.stringify({ id, kind: 'status', data: { outages: [] } }))
      if (to.kind === 'samples') socket.send(JSON.stringify({ id, kind: 'samples', data: samples() }))
      if (to.kind !== 'applications') return
      const tell = () => socket.send(JSON.stringify({ id, kind: 'applications', data: news(told(Date.now())) }))
      for (const data of past()) socket.send(JSON.stringify({ id, kind: 'applications', data: news(data) }))
      tell()
      const timer = setInterval(tell, 1000)
      socket.on('close', () => clearInterval(timer))
    })
  })
  server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
}

const problem = { code: 'not-found', what: 'Nothing is made up here.', where: null, todo: null, outages: [] }

const told = (atMs: number) => ({
  atMs,
  applications: [
    application('sensors', 'none', atMs),
    application('cold-chain', 'late', atMs),
    application('billing', 'postgres', atMs),
    application('سردخانه', 'dead', atMs),
  ],
})

function samples() {
  const record = (i: number) => ({
    ...{ atMs: Date.now() - i * 40, key: `"${i * 37}"`, timestamp: Date.now() - i * 40 - 80 },
    value: JSON.stringify({ sensor_id: i * 37, temperature: 20.25 + i / 8, timestamp: (Date.now() - i * 40) * 1000 }),
  })
  const records = Array.from({ length: 5 }, (_, i) => record(5 - i))
  return { recordsIn: records, recordsOut: records }
}

/** As the live connection tells it. */
const news = ({ applications }: { readonly applications: readonly object[] }) => ({
  applications: applications.map(state => ({
    state,
    topology: (state as { application: { topology?: object } }).application.topology ?? null,
  })),
  complete: true,
})

/** The last two minutes, in what is drawn over time. */
function past() {
  const nowMs = Date.now()
  const { applications } = told(nowMs)
  return Array.from({ length: 120 }, (_, at) => ({
    atMs: nowMs - (120 - at) * 1000,
    applications: applications.map(({ application: { name, rate, lag }, diagnosis }) => ({
      application: {
        ...{ name, rate: rate * (1 + Math.sin(at / 7) / 12), ends: [], nodes: [], tasks: [], workers: [] },
        lag: { ...lag, ms: ((lag.ms ?? 0) * (lag.trend === 'growing' ? at : 130 - at / 3)) / 130 },
      },
      diagnosis,
    })),
  }))
}

void look(Number(process.argv[2] ?? 4811))
