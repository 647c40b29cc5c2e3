import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaConfig } from './kafka-config'

export interface SocketOptions {
  readonly host: string
  readonly port: number
  readonly ssl: KafkaConfig['ssl']
  onConnect(): void
}

/** kafkajs leaves Nagle's algorithm on, which holds a second request back until the first is acknowledged (40 ms). */
export function openSocket({ host, port, ssl, onConnect }: SocketOptions): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl
    ? connectTls({ host, port, ...name, ...(ssl === true ? {} : ssl) }, onConnect)
    : connectTcp({ host, port }, onConnect)
  return socket.setNoDelay(true).setKeepAlive(true, 60_000)
}
