import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { files } from '../../examples/file-end/file-end'
import { httpPost } from '../../examples/http-end/http-end'
import { ContentError, type EndSettings, type Target, UnavailableError } from '../../src/ends'
import { silentLog } from '../../src/log'
import { Outages } from '../../src/outages'
import { sinkContract } from '../../src/testing/sink-contract'
import { sinkTask } from '../../src/testing/sink-harness'

const outages = new Outages({ log: silentLog })
const settings: EndSettings = { application: 'contract', clusterId: 'c', log: silentLog, outages }
const create = (target: Target) => target.end.connect([target], settings)
const record = (n: number) => ({ key: 'k', value: { n }, timestamp: 0 })
/** What JSON has no word for. */
const bad = { key: 'k', value: undefined, timestamp: 0 }

const parent = mkdtempSync(join(tmpdir(), 'weir-files-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

sinkContract('files of NDJSON', { guarantee: 'exactly_once' }, () => {
  let folder = join(parent, '0')
  const rows = () => readdirSync(join(folder, 'rows')).sort()
  return {
    get target() {
      return files({ folder })
    },
    create: () => create(files({ folder })),
    record,
    bad,
    async stored() {
      const lines = rows().flatMap(name =>
        readFileSync(join(folder, 'rows', name), 'utf8')
          .trimEnd()
          .split('\n'),
      )
      return lines.map(line => JSON.parse(line).n)
    },
    async clear() {
      folder = join(parent, String(Number(folder.split('/').at(-1)) + 1))
    },
  }
})

describe('POST in batches', () => {
  let server: Server
  let url: string
  let received: number[] = []
  let keys: string[] = []
  let answer = 200
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', part => (body += part))
      request.on('end', () => {
        const numbers: number[] = JSON.parse(body).map((item: { n: number }) => item.n)
        const status = numbers.some(n => n < 0) ? 400 : answer
        if (status === 200) received.push(...numbers)
        keys.push(String(request.headers['idempotency-key']))
        response.writeHead(status).end(status === 200 ? '' : 'temperature is no temperature')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  beforeEach(() => {
    received = []
    keys = []
    answer = 200
  })
  afterAll(() => {
    outages.close()
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })

  sinkContract('http', { guarantee: 'at_least_once', fences: false, refuses: true }, () => {
    const target = httpPost({ url, batch: 1000 })
    return {
      target,
      create: () => create(target),
      record,
      bad,
      refused: record(-1),
      stored: async () => received,
      async clear() {
        received = []
      },
    }
  })

  const written = async (n: number) => {
    const target = httpPost({ url, batch: 2 })
    const sink = create(target)
    await sink.open([sinkTask(0)])
    const encoder = target.encoder()
    for (let i = 0; i < n; i++) encoder.encode(record(i), { topic: 'contract', partition: 0, offset: i })
    await sink.write('0_0', target, encoder.take()!)
    return sink
  }

  it('sends no more records at once than asked, each request with a key of its own that a replay repeats', async () => {
    await (await written(5)).commit([])
    expect(received).toEqual([0, 1, 2, 3, 4])
    const first = keys
    keys = []
    await (await written(5)).commit([])
    expect(first).toHaveLength(3)
    expect(new Set(first).size).toBe(3)
    expect(keys).toEqual(first)
  })

  it('tells a refusal of content from an outage', async () => {
    answer = 422
    await expect((await written(1)).commit([])).rejects.toThrow(ContentError)
    await expect((await written(1)).commit([])).rejects.toThrow(/422 temperature is no temperature/)
    answer = 503
    await expect((await written(1)).commit([])).rejects.toThrow(UnavailableError)
  })
})
