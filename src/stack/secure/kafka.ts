import { pathToFileURL } from 'node:url'
import { type BrokerExtras, broker } from '../kafka'
import { probeKafka } from '../probes'
import type { Service, ServicePorts } from '../service'
import { adminUser, appUser, audience, brokerUser, issuer, secretOf, secureFile } from './folder'
import { openTls } from './tls-probes'

const listener = 'listener.name.sasl_ssl'
const login = 'org.apache.kafka.common.security'

/** How the listeners of a secured broker are set up. */
function settings(home: string, { port, saslPort, controllerPort }: ServicePorts): Record<string, string> {
  const password = secretOf(home, 'kafka-password')
  return {
    listeners: `SSL://127.0.0.1:${port},SASL_SSL://127.0.0.1:${saslPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `SSL://localhost:${port},SASL_SSL://localhost:${saslPort}`,
    'listener.security.protocol.map': 'SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': secureFile(home, 'kafka-server.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': secureFile(home, 'ca.pem'),
    // Who signs in by a password or a token needs no certificate; everybody else does.
    'listener.name.ssl.ssl.client.auth': 'required',
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.principal.mapping.rules': 'RULE:^CN=(.*?)$/$1/,DEFAULT',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${listener}.plain.sasl.jaas.config`]: `${login}.plain.PlainLoginModule required user_${appUser}="${password}";`,
    [`${listener}.scram-sha-256.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
    [`${listener}.oauthbearer.sasl.jaas.config`]: `${login}.oauthbearer.OAuthBearerLoginModule required;`,
    [`${listener}.oauthbearer.sasl.server.callback.handler.class`]: `${login}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    'sasl.oauthbearer.jwks.endpoint.url': pathToFileURL(secureFile(home, 'token-keys.json')).href,
    'sasl.oauthbearer.expected.audience': audience,
    'sasl.oauthbearer.expected.issuer': issuer,
    // Whoever has signed in may do what no rule of an administrator's forbids.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${brokerUser};User:${adminUser}`,
    'allow.everyone.if.no.acl.found': 'true',
  }
}

function extrasOf(home: string): BrokerExtras {
  const password = secretOf(home, 'kafka-password')
  const keys = pathToFileURL(secureFile(home, 'token-keys.json')).href
  return {
    settings: ports => settings(home, ports),
    javaOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${keys}`],
    formatOptions: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap(mechanism => [
      '--add-scram',
      `${mechanism}=[name=${appUser},password=${password}]`,
    ]),
  }
}

/** One broker that nobody reaches without TLS, and without a certificate, a password or a token. */
export const securedKafka = (home: string): Service => ({
  ...broker('kafka', () => extrasOf(home)),
  probe: ({ port }) => probeKafka(port, openTls(home)),
})
