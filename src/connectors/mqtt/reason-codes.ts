/**
 * What a broker's refusal is about: what was written, the right to write it, another client that has taken the client id, something that passes
 * (quota, load, shutdown), for which all is written again, or something that isn't known.
 */
export type Blame = 'content' | 'rights' | 'owner' | 'passing' | 'unclear'

const UNSPECIFIED = 0x80
const IMPLEMENTATION_SPECIFIC = 0x83

/** MQTT 5, 2.4: the codes of CONNACK, PUBACK and DISCONNECT that say no. */
const reasons: Readonly<Record<number, readonly [text: string, blame: Blame]>> = {
  [UNSPECIFIED]: ['unspecified error', 'content'],
  129: ['malformed packet', 'content'],
  130: ['protocol error', 'content'],
  [IMPLEMENTATION_SPECIFIC]: ['implementation specific error', 'content'],
  135: ['not authorized', 'rights'],
  137: ['server busy', 'passing'],
  139: ['server shutting down', 'passing'],
  141: ['keep alive timeout', 'passing'],
  142: ['session taken over', 'owner'],
  144: ['topic name invalid', 'content'],
  145: ['packet identifier in use', 'passing'],
  147: ['receive maximum exceeded', 'passing'],
  149: ['packet too large', 'content'],
  150: ['message rate too high', 'passing'],
  151: ['quota exceeded', 'passing'],
  152: ['administrative action', 'passing'],
  153: ['payload format invalid', 'content'],
  154: ['retain not supported', 'content'],
  155: ['QoS not supported', 'content'],
  156: ['use another server', 'passing'],
  157: ['server moved', 'passing'],
  159: ['connection rate exceeded', 'passing'],
  160: ['maximum connect time', 'passing'],
}

/** A code that says no, in words, and what it is about. */
export interface Refusal {
  readonly text: string
  readonly blame: Blame
}

/**
 * What a broker says with a code, and with the words that it may add. PUBACK's unspecified errors are about the one message; of a
 * connection that is closed without a reason nothing is known.
 */
export function refusalOf(code: number, words = '', packet: 'puback' | 'disconnect' = 'puback'): Refusal {
  const [text, blame] = reasons[code] ?? ['unknown reason', 'unclear']
  const isVague = packet === 'disconnect' && (code === UNSPECIFIED || code === IMPLEMENTATION_SPECIFIC)
  return { text: `${words || text} (0x${code.toString(16).toUpperCase()})`, blame: isVague ? 'unclear' : blame }
}
