import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const brotlied = promisify(brotliCompress)
const gzipped = promisify(gzip)

/** A file of the page, as it was built. */
export interface PageFile {
  /** `/index.html`, `/assets/page-3F2A91BC.js`. */
  readonly path: string
  readonly body: Uint8Array
}

interface Served {
  readonly type: string
  readonly etag: string
  /** Whether its name contains a hash of its content: then it never changes. */
  readonly immutable: boolean
  readonly bodies: Readonly<Partial<Record<'br' | 'gzip' | 'identity', Buffer>>>
}

export interface FileAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: the caller has it already. */
  readonly body: Buffer | undefined
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
}
/** As esbuild makes names: `page-3F2A91BC.js`. */
const hashed = /-[A-Z0-9]{8,}\.\w+$/
const compressed = /^(text|application)\/|svg/

/** The page's files in memory, compressed once: a name is looked up and never a path followed, so none leads out of them. */
export class PageFiles {
  private constructor(private readonly files: ReadonlyMap<string, Served>) {}

  static async of(files: readonly PageFile[]): Promise<PageFiles> {
    return new PageFiles(new Map(await Promise.all(files.map(async file => [file.path, await served(file)] as const))))
  }

  /** The file, or for an address of the page's own (`/topics/orders`) the page itself; undefined for a file that isn't there. */
  find(path: string, accepted = '', ifNoneMatch = ''): FileAnswer | undefined {
    const file = this.files.get(path) ?? (/\.\w+$/.test(path) ? undefined : this.files.get('/index.html'))
    if (file === undefined) return undefined
    const coding = (['br', 'gzip'] as const).find(each => file.bodies[each] !== undefined && accepts(accepted, each))
    const headers = {
      'content-type': file.type,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: file.etag,
      vary: 'accept-encoding',
    }
    if (ifNoneMatch === file.etag) return { headers, body: undefined }
    const body = file.bodies[coding ?? 'identity']
    return { headers: coding === undefined ? headers : { ...headers, 'content-encoding': coding }, body }
  }
}

const accepts = (header: string, coding: string): boolean =>
  header.split(',').some(each => each.trim().split(';')[0]?.trim() === coding && !/;\s*q=0(\.0*)?\s*$/.test(each))

async function served({ path, body }: PageFile): Promise<Served> {
  const identity = Buffer.from(body)
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`
  const immutable = hashed.test(path)
  if (!compressed.test(type)) return { type, etag, immutable, bodies: { identity } }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length }
  const [br, gz] = await Promise.all([brotlied(identity, { params }), gzipped(identity, { level: 9 })])
  return { type, etag, immutable, bodies: { identity, br, gzip: gz } }
}
