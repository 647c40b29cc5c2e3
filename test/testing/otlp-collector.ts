import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface CollectedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  /** As OpenTelemetry numbers them: 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** 2: an error. */
  readonly status: number
}

/** A collector that takes spans by OTLP over HTTP, in protobuf (opentelemetry-proto, `trace/v1/trace.proto`), and keeps them. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = []
  /** What requests were for. */
  readonly paths: string[] = []
  /** What it answers. */
  status = 200

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        this.paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
        if (this.status === 200)
          this.spans.push(...spansOf(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body))
        response.writeHead(this.status, { 'content-type': 'application/x-protobuf' }).end()
      })
    })
  }

  static async start(): Promise<OtlpCollector> {
    const server = createServer()
    const collector = new OtlpCollector(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}

/** A message's fields by number, each in its order: numbers of varints and of 64 bits, bytes of the rest. */
type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>

function fieldsOf(bytes: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>()
  let p = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(p++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const fixed = (length: number): bigint => {
    p += length
    return length === 8 ? bytes.readBigUInt64LE(p - 8) : BigInt(bytes.readUInt32LE(p - 4))
  }
  const part = (length: number): Buffer => {
    if (p + length > bytes.length) throw new Error('a field ends behind its message')
    p += length
    return bytes.subarray(p - length, p)
  }
  while (p < bytes.length) {
    const tag = varint()
    const form = Number(tag & 7n)
    const value = form === 0 ? varint() : form === 1 ? fixed(8) : form === 5 ? fixed(4) : part(Number(varint()))
    const number = Number(tag >> 3n)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map(each => fieldsOf(each as Buffer))
const textOf = (fields: Fields, number: number): string => String(fields.get(number)?.[0] ?? '')
const hexOf = (fields: Fields, number: number): string =>
  (fields.get(number)?.[0] as Buffer | undefined)?.toString('hex') ?? ''
const numberOf = (fields: Fields, number: number): bigint => (fields.get(number)?.[0] as bigint | undefined) ?? 0n

function anyValue(any: Fields): unknown {
  if (any.has(1)) return textOf(any, 1)
  if (any.has(2)) return numberOf(any, 2) === 1n
  if (any.has(3)) return Number(BigInt.asIntN(64, numberOf(any, 3)))
  if (any.has(4)) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(numberOf(any, 4))
    return bytes.readDoubleLE()
  }
  return messages(any, 5).flatMap(list => messages(list, 1).map(anyValue))
}

const attributesOf = (fields: Fields, number: number): Record<string, unknown> =>
  Object.fromEntries(
    messages(fields, number).map(each => [textOf(each, 1), anyValue(messages(each, 2)[0] ?? new Map())]),
  )

function spansOf(request: Buffer): CollectedSpan[] {
  return messages(fieldsOf(request), 1).flatMap(resource => {
    const [about = new Map()] = messages(resource, 1)
    const service = String(attributesOf(about, 1)['service.name'])
    return messages(resource, 2).flatMap(scope => messages(scope, 2).map(span => spanOf(span, service)))
  })
}

const spanOf = (span: Fields, service: string): CollectedSpan => ({
  ...{ service, traceId: hexOf(span, 1), spanId: hexOf(span, 2), parentSpanId: hexOf(span, 4), name: textOf(span, 5) },
  ...{ kind: Number(numberOf(span, 6)), startNs: numberOf(span, 7), endNs: numberOf(span, 8) },
  attributes: attributesOf(span, 9),
  links: messages(span, 13).map(link => ({ traceId: hexOf(link, 1), spanId: hexOf(link, 2) })),
  status: Number(numberOf(messages(span, 15)[0] ?? new Map(), 3)),
})
