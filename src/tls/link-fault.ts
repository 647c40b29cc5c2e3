import { types } from 'node:util'

/** What a link's settings are called, for those who have to mend them. */
export interface LinkSettings {
  /** The authority's certificate. */
  readonly ca: string
  /** The client's certificate and key. */
  readonly cert: string
  /** The address. */
  readonly address: string
  /** Whether a client's certificate is given. */
  readonly hasCert: boolean
}

/** As Node and OpenSSL name them. */
const untrusted =
  /^(UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT).*|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED)$/
/** What a server says that wants a client's certificate, or another one (RFC 8446, 6.2). */
const aboutCertificate =
  /alert (certificate required|bad certificate|unknown ca|certificate unknown|unsupported certificate)|ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/i

/**
 * What is wrong with a TLS link, as an end of a sentence that names the setting to change; undefined for an error that is about something else. An
 * error's causes are looked through.
 *
 * @example tlsFault(error, { ca: 'KAFKA_SSL_CA', cert: 'KAFKA_SSL_CERT and KAFKA_SSL_KEY', address: 'KAFKA_BROKERS', hasCert: false })
 */
export function tlsFault(error: unknown, settings: LinkSettings): string | undefined {
  for (let each: unknown = error; types.isNativeError(each); each = each.cause) {
    const found = faultOf(each, settings)
    if (found !== undefined) return found
  }
  return undefined
}

function faultOf(error: Error, { ca, cert, address, hasCert }: LinkSettings): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException
  const { message } = error
  if (untrusted.test(code))
    return `its certificate is signed by nobody who is trusted here: name its authority's by ${ca}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { host, cert: theirs } = error as {
      readonly host?: string
      readonly cert?: { readonly subjectaltname?: string }
    }
    const names = theirs?.subjectaltname ?? 'another host'
    return `its certificate is for ${names}, not for ${host ?? 'that host'}: write one of its names in ${address}`
  }
  if (code === 'CERT_HAS_EXPIRED')
    return "its certificate has expired: the server needs a new one, or this machine's clock is wrong"
  if (code === 'CERT_NOT_YET_VALID') return "its certificate isn't valid yet: is this machine's clock right?"
  if (aboutCertificate.test(code) || aboutCertificate.test(message))
    return hasCert
      ? `it doesn't take the client's certificate: give another one by ${cert}`
      : `it wants a client's certificate: give one by ${cert}`
  if (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    /wrong version number/.test(message)
  )
    return `it speaks no TLS there: another port is meant, or ${address} without TLS`
  return undefined
}

/** The settings of a service whose URL has libpq's parameters. */
export const urlSettings = (setting: string, hasCert: boolean): LinkSettings => ({
  ca: `sslrootcert in ${setting}`,
  cert: `sslcert and sslkey in ${setting}`,
  address: setting,
  hasCert,
})
