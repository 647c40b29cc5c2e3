import type { TraceContext } from './tracer'

/** The header that says which trace a record is of (W3C Trace Context, level 1). */
export const traceHeader = 'traceparent'

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const isZero = (digits: string) => /^0+$/.test(digits)
const sampled = 1

/** Who wrote the record; undefined where the header says nothing that can be relied on, or that its trace isn't sampled. */
export function parseSampled(header: Buffer): TraceContext | undefined {
  // The present version's form has 55 letters; what a later one adds is of no use here.
  const found = form.exec(header.toString('latin1', 0, 256))
  if (found === null) return undefined
  const [, version, traceId = '', spanId = '', flags = '', rest] = found
  if (version === 'ff' || (version === '00' && rest !== undefined) || isZero(traceId) || isZero(spanId))
    return undefined
  const isSampled = (Number.parseInt(flags, 16) & sampled) === sampled
  return isSampled ? { traceId, spanId, traceFlags: sampled } : undefined
}

/** `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: TraceContext): Buffer =>
  Buffer.from(`00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`)

export const isSampled = ({ traceFlags }: TraceContext): boolean => (traceFlags & sampled) === sampled
