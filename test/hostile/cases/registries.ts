import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { avro, text, topology } from '../../../src/index'
import { Registry } from '../../../src/ops/registry'
import type { Hostile, Names, Row } from '../case'
import type { Scene } from '../scene'
import { two } from './parts'

const item = { type: 'record', name: 'Item', namespace: 'hostile', fields: [{ name: 'n', type: 'long' }] } as const

const copyItems = (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), { key: text, value: avro<{ n: number }>({ name: 'Item', json: item }) })
      .mapValues(({ n }) => `${n}`)
      .to(names.topic('out'), { key: text, value: text })
  })

const framed = (id: number, n: number) => {
  const bytes = Buffer.alloc(6)
  bytes.writeInt32BE(id, 1)
  bytes[5] = n * 2
  return bytes
}

type Answer = (response: ServerResponse) => void
const json = { 'content-type': 'application/json' }
const say = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, json).end(JSON.stringify(value))
const page: Answer = response =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
const drip: Answer = response => {
  response.writeHead(200, json).write('{"schema":')
  const timer = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(timer))
}
const flood: Answer = response => {
  response.writeHead(200, json).write('{"schema":"')
  const more = () => {
    while (!response.destroyed) if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', more)
  }
  more()
}
const zipped = () => gzipSync(Buffer.concat([Buffer.from('{"schema":"'), Buffer.alloc(300_000_000, 'x')]))
const deep = '{"type":"array","items":'.repeat(40_000)

/** What is answered for a schema's id, and for good. */
const unreadable: Readonly<Record<number, { came: string; answer: Answer; says: RegExp }>> = {
  900001: { came: 'a schema of 300 MB and more', answer: flood, says: /more than 16 MB/ },
  900002: { came: 'a schema that is deeper than the stack', answer: say({ schema: deep }), says: /deeper than 200/ },
  900003: { came: 'a schema of 2 MB', answer: say({ schema: `"${'x'.repeat(2e6)}"` }), says: /has 2000002 bytes/ },
  900004: { came: 'a schema that is no JSON', answer: say({ schema: '{' }), says: /can't be used/ },
  900005: {
    came: 'a schema that refers to itself by two others',
    answer: say({ schema: '"A"', references: [{ name: 'A', subject: 'a', version: 1 }] }),
    says: /refers to itself: a version 1 → b version 1 → a version 1/,
  },
  900006: {
    came: 'a schema that refers to what is gone',
    answer: say({ schema: '"A"', references: [{ name: 'A', subject: 'never-there', version: 3 }] }),
    says: /refers to never-there version 3, which the registry does not have/,
  },
  900007: {
    came: 'a schema of Protobuf',
    answer: say({ schema: 'x', schemaType: 'PROTOBUF' }),
    says: /schema of PROTOBUF/,
  },
  900008: {
    came: '300 MB of a schema in 300 kB',
    answer: response => void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(zipped()),
    says: /more than 16 MB/,
  },
}
const refers = (name: string, subject: string) =>
  say({
    ...{ schema: JSON.stringify({ ...item, name }), version: 1, id: 1, subject },
    references: [{ name, subject, version: 1 }],
  })
const circle: Readonly<Record<string, Answer>> = {
  '/subjects/a/versions/1': refers('B', 'b'),
  '/subjects/b/versions/1': refers('A', 'a'),
}

/** Stands before the stack's registry, and answers some paths itself. */
async function standIn(scene: Scene, answerOf: (path: string) => Answer | undefined): Promise<Server> {
  const behind = new URL(scene.services.stack.addresses.registryUrl)
  const server = createServer((request, response) => {
    const path = (request.url as string).slice(behind.pathname.length)
    const own = answerOf(path)
    if (own !== undefined) return own(response)
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', async () => {
      const { method = 'GET' } = request
      const body =
        method === 'GET' ? {} : { body: Buffer.concat(chunks), headers: { 'content-type': 'application/json' } }
      const answer = await fetch(new URL(request.url as string, behind), { method, ...body })
      response.writeHead(answer.status, json).end(await answer.text())
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

const servers = new WeakMap<Scene, Server>()

async function before(scene: Scene, answerOf: (path: string) => Answer | undefined) {
  const { registryUrl } = scene.services.stack.addresses
  await new Registry(registryUrl).register(`${scene.topic('in')}-value`, { schema: JSON.stringify(item) })
  const server = await standIn(scene, answerOf)
  servers.set(scene, server)
  const { port } = server.address() as AddressInfo
  return { SCHEMA_REGISTRY_URL: `http://127.0.0.1:${port}${new URL(registryUrl).pathname}` }
}

function close(scene: Scene): void {
  servers.get(scene)?.closeAllConnections()
  servers.get(scene)?.close()
}

const idOf = async (scene: Scene) =>
  (await new Registry(scene.services.stack.addresses.registryUrl).version(`${scene.topic('in')}-value`)).id

const send = (scene: Scene, id: number, ...numbers: number[]) =>
  scene.send(
    'in',
    numbers.map(n => ({ key: `${n}`, value: framed(id, n), partition: n % 2 })),
  )

const texts = (...numbers: number[]) => numbers.map(n => `${n}`)

/** A registry that is away for a while, each in its own way: records wait, and all arrive. */
function away(id: string, came: string, answer: Answer, says: RegExp): Hostile {
  const asked = { count: 0 }
  return {
    ...{ id, came, topics: { in: two, out: two }, topology: copyItems, isQuick: id === 'C3a' },
    before: scene => before(scene, path => (/^\/schemas\/ids\//.test(path) && ++asked.count <= 3 ? answer : undefined)),
    async run(scene) {
      await scene.working()
      await send(scene, await idOf(scene), 1, 2, 3, 4)
      await scene.holds('out', texts(1, 2, 3, 4))
      const told = scene.lines.find(line => says.test(line))
      if (told === undefined) throw new Error(`nothing was logged like ${says}`)
      await scene.letters('in', 0)
      close(scene)
      return `all arrived after ${asked.count} requests; ${told.slice(0, 200)}`
    },
  }
}

/** Scenes whose registry says another schema. */
const lies = new WeakSet<Scene>()
const other = JSON.stringify({ ...item, fields: [{ name: 'n', type: 'string' }] })

/** What the registry answers, and what schemas refer to. */
export const registries: readonly Hostile[] = [
  away(
    'C3a',
    'a registry that answers with a page for a while',
    page,
    /answered 200 with text\/html.*SCHEMA_REGISTRY_URL/,
  ),
  away('C3b', 'a registry whose answers drip for a while', drip, /no whole answer within 5000 ms/),
  away('C3d', 'a registry that takes questions and says nothing for a while', () => undefined, /within 5000 ms/),
  {
    ...{ id: 'C3e', came: "a registry that changes its answer for a schema's id, and back" },
    ...{ topics: { in: two, out: two }, topology: copyItems },
    before: scene =>
      before(scene, path => (lies.has(scene) && /^\/schemas\/ids\//.test(path) ? say({ schema: other }) : undefined)),
    async run(scene) {
      await scene.working()
      const id = await idOf(scene)
      await send(scene, id, 1, 2)
      await scene.holds('out', texts(1, 2))
      await scene.stopWorkers()
      lies.add(scene)
      scene.startWorker()
      await send(scene, id, 3, 4)
      const letters = await scene.letters('in', 2)
      await scene.stopWorkers()
      lies.delete(scene)
      scene.startWorker()
      await send(scene, id, 5, 6)
      await scene.holds('out', texts(1, 2, 5, 6))
      close(scene)
      const why = letters[0]?.headers['weir.error.message'] ?? ''
      if (!/schema \d+ can't be read as Item: .*n/.test(why)) throw new Error(`a dead letter says ${why}`)
      return `read by what it says; while it said another, put aside: ${why}`
    },
  },
  {
    ...{
      id: 'C3c',
      came: 'schemas that can not be used',
      topics: { in: two, out: two },
      topology: copyItems,
      isQuick: true,
    },
    before: scene =>
      before(scene, path => circle[path] ?? unreadable[Number(/^\/schemas\/ids\/(\d+)/.exec(path)?.[1])]?.answer),
    async run(scene) {
      await scene.working()
      const [good, bad] = [await idOf(scene), Object.keys(unreadable).map(Number)]
      await send(scene, good, 1, 2)
      for (const id of bad) await send(scene, id, 5)
      await send(scene, good, 3, 4)
      const letters = await scene.letters('in', bad.length)
      await scene.holds('out', texts(1, 2, 3, 4))
      close(scene)
      return bad.map((id): Row => {
        const { came, says } = unreadable[id]!
        const reasons = letters.map(each => each.headers['weir.error.message'] ?? '')
        const reason = reasons.find(each => each.includes(`schema ${id} `))
        return {
          came,
          out: `${reason}`.slice(0, 160),
          isRight: says.test(`${reason}`) && scene.peakBytes < 512 * 1024 * 1024,
        }
      })
    },
  },
  {
    ...{
      id: 'C4',
      came: 'a schema whose types are in other subjects, one behind the other',
      topics: { in: two, out: two },
      isQuick: true,
    },
    topology: names =>
      topology(names.run, streams => {
        const value = avro<{ at: { where: { city: string } } }>({ name: 'Order', json: order as never })
        streams
          .stream(names.topic('in'), { key: text, value })
          .mapValues(({ at }) => at.where.city)
          .to(names.topic('out'), { key: text, value: text })
      }),
    async before(scene) {
      const registry = new Registry(scene.services.stack.addresses.registryUrl)
      const subject = (name: string) => scene.topic(name)
      const add = (name: string, schema: object, ...references: [name: string, subject: string][]) =>
        registry.register(subject(name), {
          schema: JSON.stringify(schema),
          references: references.map(([type, of]) => ({ name: type, subject: subject(of), version: 1 })),
        })
      await add('place', place)
      await add('stop', stop('Place'), ['shop.Place', 'place'])
      await add('in-value', orderOf('Stop'), ['shop.Stop', 'stop'])
      return {}
    },
    async run(scene) {
      await scene.working()
      const id = await idOf(scene)
      const cities = ['Jena', 'Lyon', 'Oslo', 'Rome']
      const value = (city: string) =>
        Buffer.concat([framed(id, 0).subarray(0, 5), Buffer.from([city.length * 2]), Buffer.from(city)])
      await scene.send(
        'in',
        cities.map((city, i) => ({ key: city, value: value(city), partition: i % 2 })),
      )
      await scene.holds('out', cities)
      await scene.letters('in', 0)
      return 'all read through their references'
    },
  },
]

const record = (name: string, field: string, type: unknown) => ({
  ...{ type: 'record', name, namespace: 'shop' },
  fields: [{ name: field, type }],
})
const place = record('Place', 'city', 'string')
const stop = (type: unknown) => record('Stop', 'where', type)
const orderOf = (type: unknown) => record('Order', 'at', type)
const order = orderOf(stop(place))
