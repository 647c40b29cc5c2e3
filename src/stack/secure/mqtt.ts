import { secureOf } from '../home'
import { mqtt, prepareMqtt } from '../mqtt'
import { probeMqtt, probeWebSocket } from '../probes'
import type { Service } from '../service'
import { appUser, secretOf, secureFile } from './folder'
import { openTls } from './tls-probes'

/** An MQTT broker that wants a client's certificate and a password, by TLS alone. */
export const securedMqtt = (home: string): Service => ({
  ...mqtt,
  prepare: async ports => prepareMqtt(ports, home, { folder: secureOf(home), users: secureFile(home, 'mqtt-users') }),
  async probe({ port, wsPort = 0 }) {
    await probeMqtt(port, { user: appUser, password: secretOf(home, 'mqtt-password') }, openTls(home))
    await probeWebSocket(wsPort, openTls(home))
  },
})
