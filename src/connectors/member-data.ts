import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** The first byte of data that is compressed; JSON begins with a brace. */
const compressed = 1
/** Shorter data gain nothing. */
const shortest = 200
/** What others send isn't trusted to be small. */
const maxOutputLength = 16 * 1024 * 1024

/**
 * What a member of a group says to its leader, or the leader to a member, as bytes. Long data are compressed (RFC 1951): the coordinator keeps those of all members
 * in one record, which its topic limits to 1 MB by default.
 */
export function encodeMemberData(value: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(value))
  return json.length < shortest ? json : Buffer.concat([Buffer.of(compressed), deflateRawSync(json)])
}

/** Undefined for no data at all. Throws for bytes that no member of ours has written. */
export function decodeMemberData(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const json = bytes[0] === compressed ? inflateRawSync(bytes.subarray(1), { maxOutputLength }) : bytes
  return JSON.parse(json.toString('utf8'))
}
