import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { probeMqtt, probeWebSocket } from './probes'
import type { Launch } from './processes'
import { onPath } from './programs'
import type { Service, ServicePorts } from './service'

export type MqttKind = 'mosquitto' | 'aedes'

/** mosquitto where it is installed, else the broker written in JavaScript. */
export const mqttKind = (): MqttKind => (onPath('mosquitto') === undefined ? 'aedes' : 'mosquitto')

/** Where the files of a guarded broker are, which wants a client's certificate, a name and a password. */
export interface Guard {
  readonly folder: string
  /** Names and hashes of passwords. */
  readonly users: string
}

const certificates = (guard: Guard | undefined): string[] =>
  guard === undefined
    ? []
    : [
        `cafile ${join(guard.folder, 'ca.pem')}`,
        `certfile ${join(guard.folder, 'server.pem')}`,
        `keyfile ${join(guard.folder, 'server.key')}`,
        'require_certificate true',
      ]

/**
 * Queues without a limit, as mosquitto else drops a slow subscriber's messages in silence; retained messages survive a
 * restart. `user root` keeps a broker started by root able to read its own folder; it has no meaning otherwise.
 */
const mosquittoConf = (data: string, port: number, wsPort: number, guard: Guard | undefined): string =>
  [
    ...(guard === undefined ? ['allow_anonymous true'] : ['allow_anonymous false', `password_file ${guard.users}`]),
    'max_queued_messages 0',
    'max_queued_bytes 0',
    'max_inflight_messages 0',
    'set_tcp_nodelay true',
    'persistence true',
    `persistence_location ${data}/`,
    'autosave_interval 60',
    'user root',
    'log_dest stderr',
    'log_timestamp_format %Y-%m-%dT%H:%M:%S',
    'connection_messages false',
    `listener ${port} 127.0.0.1`,
    ...certificates(guard),
    `listener ${wsPort} 127.0.0.1`,
    ...certificates(guard),
    // Without this, libwebsockets takes every address of the machine instead of that one.
    'socket_domain ipv4',
    'protocol websockets',
    '',
  ].join('\n')

/** Makes what the broker needs on disk. */
export function prepareMqtt({ port, wsPort = 0 }: ServicePorts, home: string, guard?: Guard): Launch {
  const program = onPath('mosquitto')
  if (program === undefined) {
    const args = [join(__dirname, 'aedes.mjs'), String(port), String(wsPort)]
    return { command: process.execPath, args: [...args, ...(guard === undefined ? [] : [guard.folder])], cwd: home }
  }
  const [data, config] = [join(home, 'mqtt'), join(home, 'mosquitto.conf')]
  mkdirSync(data, { recursive: true })
  writeFileSync(config, mosquittoConf(data, port, wsPort, guard))
  return { command: program, args: ['-c', config], cwd: home }
}

/** An MQTT broker on TCP and on WebSocket. */
export const mqtt: Service = {
  name: 'mqtt',
  stopSignal: 'SIGTERM',
  prepare: async (ports, { home }) => prepareMqtt(ports, home),
  async probe({ port, wsPort = 0 }) {
    await probeMqtt(port)
    await probeWebSocket(wsPort)
  },
}
