import { get } from 'node:http'
import { connect, type Socket } from 'node:net'

const limitMs = 3_000

/** How a probe reaches a port: by TCP unless a service has TLS. */
export type Open = (port: number) => Socket | Promise<Socket>
const openTcp: Open = port => connect({ port, host: '127.0.0.1' })

/** Writes one request and waits until `answered` has seen enough: true is yes, false more bytes, an error no. */
async function exchange(
  port: number,
  request: Buffer,
  answered: (reply: Buffer) => boolean,
  open: Open = openTcp,
): Promise<void> {
  const socket = await open(port)
  return new Promise((resolve, reject) => {
    let reply = Buffer.alloc(0)
    const done = (error?: Error): void => {
      socket.destroy()
      error === undefined ? resolve() : reject(error)
    }
    socket.setTimeout(limitMs, () => done(new Error(`port ${port} did not answer within ${limitMs} ms`)))
    socket.on('error', done)
    socket.on('close', () => done(new Error(`port ${port} closed the connection`)))
    socket.on('data', chunk => {
      reply = Buffer.concat([reply, chunk])
      try {
        if (answered(reply)) done()
      } catch (error) {
        done(error as Error)
      }
    })
    // Kept until the connection is there.
    socket.write(request)
  })
}

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255])
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const sized = (body: Buffer): Buffer => Buffer.concat([int32(body.length), body])

/** Metadata v1 for no topic: ready when the answer lists a broker, which a fenced or starting one is not. */
export function probeKafka(port: number, open?: Open): Promise<void> {
  const client = Buffer.from('weir-stack')
  const metadata = 3
  const correlation = 7
  const header = [int16(metadata), int16(1), int32(correlation), int16(client.length), client]
  const answered = (reply: Buffer): boolean => {
    if (reply.length < 12) return false
    if (reply.readInt32BE(4) !== correlation) throw new Error(`port ${port} does not speak Kafka`)
    if (reply.readInt32BE(8) < 1) throw new Error('the broker is not registered yet')
    return true
  }
  return exchange(port, sized(Buffer.concat([...header, int32(0)])), answered, open)
}

/** The server asks for a password by SCRAM, which it does not before it can serve. */
const asksForPassword = 10

/**
 * A start-up packet for a user and a database: ready at ReadyForQuery ('Z'), or at the question for a password. Protocol 3.0 as in
 * PostgreSQL's manual, 54.7.
 */
export function probePostgres(port: number, user: string, database: string, open?: Open): Promise<void> {
  const settings = Buffer.from(`user\0${user}\0database\0${database}\0application_name\0weir-stack\0\0`)
  const body = Buffer.concat([int32(196608), settings])
  const startup = Buffer.concat([int32(body.length + 4), body])
  const answered = (reply: Buffer): boolean => {
    let at = 0
    while (at + 5 <= reply.length) {
      const type = String.fromCharCode(reply[at] ?? 0)
      const end = at + 1 + reply.readInt32BE(at + 1)
      if (!'RSKZEN'.includes(type)) throw new Error(`port ${port} does not speak PostgreSQL`)
      if (end > reply.length) return false
      if (type === 'Z' || (type === 'R' && reply.readInt32BE(at + 5) === asksForPassword)) return true
      if (type === 'E') throw new Error(`postgres: ${reply.toString('utf8', at + 5, end).replaceAll('\0', ' ')}`)
      at = end
    }
    return false
  }
  return exchange(port, startup, answered, open)
}

const mqttText = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])

/** CONNECT of MQTT 3.1.1 with a clean session: ready at a CONNACK that accepts. */
export function probeMqtt(
  port: number,
  login?: { readonly user: string; readonly password: string },
  open?: Open,
): Promise<void> {
  const flags = login === undefined ? 2 : 2 | 0xc0
  const texts = [`weir-stack-${process.pid}`, ...(login === undefined ? [] : [login.user, login.password])]
  const body = Buffer.concat([mqttText('MQTT'), Buffer.from([4, flags]), int16(10), ...texts.map(mqttText)])
  const request = Buffer.concat([Buffer.from([0x10, body.length]), body])
  const answered = (reply: Buffer): boolean => {
    if (reply.length < 4) return false
    if (reply[0] !== 0x20) throw new Error(`port ${port} does not speak MQTT`)
    if (reply[3] !== 0) throw new Error(`the MQTT broker refuses connections with code ${reply[3]}`)
    return true
  }
  return exchange(port, request, answered, open)
}

/** The opening handshake of RFC 6455 with MQTT's sub-protocol: ready at 101. */
export function probeWebSocket(port: number, open?: Open): Promise<void> {
  const request = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.from('weir-stack-probe').toString('base64')}`,
    'Sec-WebSocket-Protocol: mqtt',
  ]
  const answered = (reply: Buffer): boolean => {
    const line = reply.toString('latin1')
    if (!line.includes('\r\n')) return false
    if (!/^HTTP\/1\.1 101/.test(line))
      throw new Error(`port ${port} does not speak WebSocket: ${line.split('\r\n')[0]}`)
    return true
  }
  return exchange(port, Buffer.from(`${request.join('\r\n')}\r\n\r\n`), answered, open)
}

/** GET that must answer 200. */
export function probeHttp(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: limitMs }, response => {
      response.resume()
      response.on('error', reject)
      response.on('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`http://127.0.0.1:${port}${path} answers ${response.statusCode}`)),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`port ${port} did not answer within ${limitMs} ms`)))
    request.on('error', reject)
  })
}
