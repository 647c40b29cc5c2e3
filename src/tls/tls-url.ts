import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors'

/** Certificates of one's own, as `node:tls` takes them. */
export interface Tls {
  /** Whose signature the server's certificate needs, instead of the public authorities'. PEM. */
  readonly ca?: string
  /** The client's certificate and its key. PEM. */
  readonly cert?: string
  readonly key?: string
  /** Of the key. */
  readonly passphrase?: string
}

/** The parameters of libpq that name files, which the URLs of all services take. */
const files = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const
const parameters = [...Object.keys(files), 'sslpassword']
/** Schemes without TLS, and those with it. */
const withTls: Readonly<Record<string, string>> = {
  ...{ 'http:': 'https:', 'mqtt:': 'mqtts:', 'tcp:': 'mqtts:', 'ws:': 'wss:' },
}

/**
 * A service's URL without the parameters that are about TLS, and what they name. Undefined where there are none.
 *
 * @throws ConfigError for a file that can't be read, or a certificate without its key; it names `setting`, and no secret
 * @example tlsOf('mqtts://broker:8883?sslrootcert=/etc/weir/ca.pem', 'MQTT_URL')
 */
export function tlsOf(text: string, setting: string): { readonly url: string; readonly tls: Tls | undefined } {
  const url = new URL(text)
  const given = parameters.filter(name => url.searchParams.has(name))
  if (given.length === 0) return { url: text, tls: undefined }
  const secured = withTls[url.protocol]
  if (secured !== undefined)
    throw new ConfigError(`${setting}: ${given[0]} is about TLS, which ${url.protocol}// has not: write ${secured}//`)
  const tls: Record<string, string> = {}
  for (const [name, part] of Object.entries(files)) {
    const path = url.searchParams.get(name)
    if (path !== null) tls[part] = pem(path, `${setting}: ${name}`)
  }
  const passphrase = url.searchParams.get('sslpassword')
  if (passphrase !== null) tls.passphrase = passphrase
  for (const name of parameters) url.searchParams.delete(name)
  checkPair(tls, `${setting}: sslcert and sslkey`)
  return { url: url.href, tls }
}

/** The client's certificate needs its key. Throws ConfigError. */
export function checkPair({ cert, key }: Tls, what: string): void {
  if ((cert === undefined) !== (key === undefined)) throw new ConfigError(`${what} go together: one of them is missing`)
}

function pem(path: string, what: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(
      `${what} names ${path}, which can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`,
    )
  }
  if (!text.includes('-----BEGIN')) throw new ConfigError(`${what} names ${path}, which is no PEM file`)
  return text
}
