import { createServer, type Server } from 'node:net'
import { usualPorts } from '../../src/stack/addresses'
import { choosePort, freePort, isFree, parsePorts } from '../../src/stack/ports'
import { StackError } from '../../src/stack/stack-error'

const listen = (host: string): Promise<{ server: Server; port: number }> =>
  new Promise(resolve => {
    const server = createServer()
    server.listen({ port: 0, host }, () => resolve({ server, port: (server.address() as { port: number }).port }))
  })

describe('WEIR_STACK_PORTS', () => {
  test('names a port for each service, 0 for any free one', () => {
    expect(parsePorts('kafka=31001, registry=0,ws=31005')).toEqual({ kafka: 31001, registry: 0, ws: 31005 })
    expect(parsePorts('')).toEqual({})
  })

  test('every fault is named at once', () => {
    const parse = () => parsePorts('kafka=x,zookeeper=2181,mqtt=70000,ws')
    expect(parse).toThrow(StackError)
    for (const fault of [/kafka="x"/, /"zookeeper" is none of/, /mqtt="70000"/, /ws=""/]) expect(parse).toThrow(fault)
  })
})

describe('choosing a port', () => {
  test.each(['127.0.0.1', '0.0.0.0', '::'])('one that listens on %s takes the port', async host => {
    const { server, port } = await listen(host)
    expect(await isFree(port)).toBe(false)
    await new Promise(done => server.close(done))
    expect(await isFree(port)).toBe(true)
  })

  test('a taken port gives way to a free one', async () => {
    const { server, port } = await listen('127.0.0.1')
    const chosen = await choosePort({ name: 'kafka', fixed: 0, remembered: port, repair: false }, new Set())
    expect(chosen).not.toBe(port)
    expect(await isFree(chosen)).toBe(true)
    server.close()
  })

  test('a fixed port that is taken is an error that names it', async () => {
    const { server, port } = await listen('127.0.0.1')
    const choice = choosePort({ name: 'kafka', fixed: port, repair: false }, new Set())
    await expect(choice).rejects.toThrow(StackError)
    await expect(choice).rejects.toThrow(`port ${port}, fixed for kafka, is taken`)
    server.close()
  })

  test('a service that comes back to running ones keeps its former port; a whole new start prefers the usual one', async () => {
    const remembered = await freePort()
    const usual = usualPorts.ws
    const repair = await choosePort({ name: 'ws', remembered, repair: true }, new Set())
    expect(repair).toBe(remembered)
    const anew = await choosePort({ name: 'ws', remembered, repair: false }, new Set())
    expect(anew).toBe((await isFree(usual)) ? usual : remembered)
  })

  test('two services of one start never share a port', async () => {
    const remembered = await freePort()
    const chosen = await choosePort({ name: 'mqtt', fixed: 0, remembered, repair: true }, new Set([remembered]))
    expect(chosen).not.toBe(remembered)
  })
})
