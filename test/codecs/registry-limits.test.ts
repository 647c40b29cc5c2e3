import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { avro } from '../../src/codecs/avro'
import type { Codec } from '../../src/codecs/codec'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { maxSchemaBytes } from '../../src/codecs/schema-text'
import { DecodeError, UnavailableError } from '../../src/errors'
import { Registry } from '../../src/ops/registry'

let server: Server
let url: string
let answer: (response: ServerResponse, path: string) => void
let sentBytes = 0

beforeAll(async () => {
  server = createServer((request, response) => answer(response, request.url as string))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const json = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
const say = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, json).end(JSON.stringify(value))
const schema = (text: unknown) => say({ schema: typeof text === 'string' ? text : JSON.stringify(text) })
const record = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] }

/** Sends until the other side hangs up. */
function flood(begin: string, headers: Record<string, string>) {
  return (response: ServerResponse) => {
    sentBytes = 0
    const chunk = Buffer.alloc(256 * 1024, ' ')
    response.writeHead(200, headers).write(begin)
    const more = () => {
      while (!response.destroyed && sentBytes < 300e6) {
        sentBytes += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      if (!response.destroyed) response.end()
    }
    more()
  }
}

const bind = (timeoutMs = 30_000): Promise<Codec<unknown>> => {
  const registry = new ConfluentRegistry({ url, timeoutMs })
  return avro({ name: 'R', json: record }).bind({ topic: 't', part: 'value', use: 'read', registry })
}
const bytes = Buffer.from('000000000702', 'hex')

describe('an answer that is no registry’s', () => {
  const page = '<html><body>Sign in</body></html>'

  test.each([
    ['a page', (r: ServerResponse) => void r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)],
    ['a page that calls itself JSON', (r: ServerResponse) => void r.writeHead(200, json).end(page)],
    ['300 MB of a page', flood(page, { 'content-type': 'text/html' })],
  ])('%s is told with the URL, what came and what to do', async (_, given) => {
    answer = given
    const expected = (error: Error) =>
      error instanceof UnavailableError &&
      error.message.startsWith(`the schema registry at ${url} answered 200 with `) &&
      error.message.includes('("<html><body>Sign in</body></html>') &&
      error.message.endsWith('is there a proxy or another server at that URL (SCHEMA_REGISTRY_URL)?')
    for (const ask of [
      async () => (await bind()).load?.(7),
      () => new ConfluentRegistry({ url }).idOf('a-value', record),
      () => new Registry(url).byId(7),
      () => new Registry(url).subjects(),
      () => new Registry(url).register('a-value', { schema: '"int"' }),
    ])
      expect(await Promise.resolve(ask()).catch(error => expected(error) || error)).toBe(true)
    expect(sentBytes).toBeLessThan(50e6)
  })

  test('a body that drips is given up in time', async () => {
    answer = response => {
      response.writeHead(200, json).write('{"schema":')
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    const message = `the schema registry at ${url} does not answer: no whole answer within 300 ms`
    const codec = await bind(300)
    const all = [
      Promise.resolve(codec.load?.(7)),
      new Registry(url, 300).byId(7),
      new ConfluentRegistry({ url, timeoutMs: 300 }).idOf('a-value', record),
    ]
    const faults = await Promise.all(all.map(asked => asked.catch(error => error)))
    for (const fault of faults) expect(fault).toMatchObject({ name: 'UnavailableError', message })
  })

  test('one that is cut off is an outage', async () => {
    answer = response => {
      response.writeHead(200, { ...json, 'content-length': '1000' }).write('{"schema":')
      setTimeout(() => response.destroy(), 20)
    }
    await expect(new Registry(url).byId(7)).rejects.toThrow(UnavailableError)
  })
})

test('a connection that the registry has closed at rest costs no request', async () => {
  const used = new Set<unknown>()
  let hangUps = 0
  answer = (response, path) => {
    // The second request of a connection finds it closed.
    if (used.has(response.socket)) {
      hangUps++
      response.socket?.destroy()
      return
    }
    used.add(response.socket)
    say(path === '/subjects' ? [] : { schema: JSON.stringify(record) })(response)
  }
  const registry = new Registry(url)
  for (let i = 0; i < 5; i++) expect(await registry.byId(i)).toMatchObject({ type: 'AVRO' })
  expect(hangUps).toBeGreaterThan(0)
})

test('one that hangs up on every request is an outage', async () => {
  answer = response => void response.socket?.destroy()
  await expect(new Registry(url).byId(7)).rejects.toThrow(UnavailableError)
})

describe('a schema beyond the limits is the fault of the records that name it, not an outage', () => {
  const long = 'x'.repeat(maxSchemaBytes)
  const deep = `${'{"type":"array","items":'.repeat(100_000)}"int"${'}'.repeat(100_000)}`
  const zipped = gzipSync(Buffer.concat([Buffer.from('{"schema":"'), Buffer.alloc(300e6, 'x'), Buffer.from('"}')]))

  test.each([
    ['of more than 1 MB', schema({ ...record, doc: long }), /it has 10\d{5} bytes, and up to 1048576 are read/],
    ['100,000 levels deep', schema(deep.slice(0, maxSchemaBytes)), /it is nested deeper than 200 levels/],
    ['of 300 MB', flood('{"schema":"', json), /answered \/schemas\/ids\/7 with more than 16 MB/],
    [
      'of 300 MB in 300 kB',
      (r: ServerResponse) => void r.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(zipped),
      /answered \/schemas\/ids\/7 with more than 16 MB/,
    ],
    ['that is no JSON', schema('{'), /can't be used/],
    ['that is no Avro', schema('{"type":"recrod"}'), /schema 7 can't/],
  ])('%s', async (_, given, message) => {
    answer = given
    const codec = await bind()
    await codec.load?.(7)
    expect(() => codec.decode(bytes, 0, bytes.length)).toThrow(DecodeError)
    expect(() => codec.decode(bytes, 0, bytes.length)).toThrow(message)
  })

  test('1 MB of a schema with 20,000 fields is read', async () => {
    const fields = Array.from({ length: 20_000 }, (_, i) => ({ name: `f${i}`, type: ['null', 'long'] }))
    answer = schema({ ...record, fields: [...record.fields, ...fields] })
    const codec = await bind()
    await codec.load?.(7)
    const value = Buffer.concat([bytes, Buffer.alloc(20_000)])
    expect(codec.decode(value, 0, value.length)).toEqual({ a: 1 })
  })
})

describe('references', () => {
  const field = (name: string, type: unknown) => ({ name, type })
  const refer = (name: string, subject: string) => ({ name, subject, version: 1 })
  const serve = (subjects: Record<string, { schema: unknown; references?: unknown[]; schemaType?: string }>) => {
    answer = (response, path) => {
      const subject = /^\/subjects\/([^/]+)\/versions\/1$/.exec(path)?.[1] ?? (path === '/schemas/ids/7' ? 'main' : '')
      const found = subjects[subject]
      if (path === '/subjects') return say(Object.keys(subjects))(response)
      if (found === undefined) return void response.writeHead(404, json).end('{"error_code":40401,"message":"no"}')
      say({ ...found, schema: JSON.stringify(found.schema) })(response)
    }
  }
  const main = (references: unknown[], ...fields: unknown[]) => ({
    schema: { ...record, fields: [...record.fields, ...fields] },
    references,
  })
  const reason = async () => {
    const codec = await bind()
    await codec.load?.(7)
    try {
      codec.decode(bytes, 0, bytes.length)
    } catch (error) {
      return (error as Error).message
    }
    return 'read'
  }

  test('that go round are refused, with their way', async () => {
    const of = (name: string, to: string) => ({ type: 'record', name, fields: [field('next', ['null', to])] })
    serve({
      main: main([refer('A', 'a')], field('x', 'A')),
      a: { schema: of('A', 'B'), references: [refer('B', 'b')] },
      b: { schema: of('B', 'A'), references: [refer('A', 'a')] },
    })
    expect(await reason()).toBe("schema 7 can't be used: it refers to itself: a version 1 → b version 1 → a version 1")
    await expect(new Registry(url).byId(7)).rejects.toThrow('it refers to itself')
  })

  test('to what is not there, or is no Avro, are refused', async () => {
    serve({ main: main([refer('A', 'gone')], field('x', 'A')) })
    expect(await reason()).toMatch(/refers to gone version 1, which the registry does not have/)
    serve({ main: main([refer('A', 'a')], field('x', 'A')), a: { schema: {}, schemaType: 'JSON' } })
    expect(await reason()).toMatch(/refers to a version 1, which is JSON/)
  })

  test('and a schema of another kind is refused by its kind, whatever its text', async () => {
    serve({ main: { schema: record, schemaType: 'PROTOBUF' } })
    expect(await reason()).toBe("schema 7 can't be used: it is a schema of PROTOBUF, and Avro is what is read")
  })

  test('beyond the limits, in number, bytes and types in one another, are refused', async () => {
    const names = Array.from({ length: 201 }, (_, i) => `T${i}`)
    const empty = (name: string) => ({ schema: { type: 'record', name, fields: [] } })
    const many = names.map(name => refer(name, name))
    serve({ main: main(many), ...Object.fromEntries(names.map(name => [name, empty(name)])) })
    expect(await reason()).toMatch(/refers to more than 200 other schemas/)
    const large = { schema: { type: 'enum', name: 'T0', symbols: ['A'], doc: 'x'.repeat(600_000) } }
    serve({ main: main(many.slice(0, 2)), T0: large, T1: { schema: { ...large.schema, name: 'T1' } } })
    expect(await reason()).toMatch(/with what it refers to it has more than 1048576 bytes/)
    const arrays = (type: unknown) => Array.from({ length: 60 }).reduce(items => ({ type: 'array', items }), type)
    const chain = names.slice(0, 5).map((name, i) => [
      name,
      {
        schema: { type: 'record', name, fields: i === 4 ? [] : [field('next', arrays(`T${i + 1}`))] },
        references: i === 4 ? [] : [refer(`T${i + 1}`, `T${i + 1}`)],
      },
    ])
    serve({ main: main([refer('T0', 'T0')], field('x', 'T0')), ...Object.fromEntries(chain) })
    expect(await reason()).toMatch(/it has more than 200 types in one another/)
  })
})
