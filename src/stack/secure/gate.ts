import { join } from 'node:path'
import { stateFile } from '../addresses'
import { secureOf } from '../home'
import type { Service } from '../service'
import { appUser, secretOf } from './folder'
import { probeHttps } from './tls-probes'

/** TLS and a password in front of the registry, and tokens for Kafka's clients. */
export const gate = (home: string): Service => ({
  name: 'gate',
  stopSignal: 'SIGTERM',
  prepare: async ({ port, tokenPort = 0 }) => ({
    command: process.execPath,
    args: [join(__dirname, 'gate-server.mjs'), secureOf(home), stateFile(home), String(port), String(tokenPort)],
    cwd: home,
  }),
  // The registry answers for itself.
  probe: ({ tokenPort = 0 }) =>
    probeHttps(home, {
      ...{ port: tokenPort, path: '/token', method: 'POST', user: appUser, password: secretOf(home, 'oauth-secret') },
      body: 'grant_type=client_credentials',
    }),
})
