import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ProblemError } from '../problems'

/** Shorter tokens could be guessed. */
export const shortestToken = 16
const cookieName = 'weir_dashboard'
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)

export interface GuardOptions {
  /** Needed by every caller; undefined: nobody but this machine can call. */
  readonly token: string | undefined
}

export interface GuardedRequest {
  readonly headers: IncomingHttpHeaders
  /** Path and query. */
  readonly url: string
  readonly method: string
}

/** Lets in who may come in: from the page itself, under a name that is ours, with the token where there is one. */
export class Guard {
  private readonly expected: Buffer | undefined
  private readonly session: string

  constructor({ token }: GuardOptions) {
    this.expected = token === undefined ? undefined : digest(token)
    // The cookie proves that its holder knew the token, without containing it.
    this.session =
      token === undefined ? '' : createHmac('sha256', token).update('weir dashboard session').digest('base64url')
  }

  /** Throws ProblemError: forbidden, unauthorized. */
  check(request: GuardedRequest): void {
    this.checkHost(request.headers.host)
    checkOrigin(request)
    if (this.expected !== undefined && !this.isKnown(request)) {
      throw new ProblemError('unauthorized', 'This dashboard needs its token.', {
        todo: 'Open /?token=… once, or send the header "Authorization: Bearer …".',
      })
    }
  }

  /**
   * The cookie for a request with the right token in its address, so that the token needn't stay there; undefined for any other request. `Lax`, since a link in somebody's
   * chat leads to a view: what changes something is asked for by the page itself, whose Origin is checked.
   */
  welcome({ url, headers }: GuardedRequest): string | undefined {
    const given = new URL(url, 'http://weir').searchParams.get('token')
    if (given === null || !this.isToken(given)) return undefined
    this.checkHost(headers.host)
    return `${cookieName}=${this.session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000`
  }

  /**
   * Another page can let its own host name point here (DNS rebinding), so that its scripts could read our answers. Its name isn't one of this machine's. Where there is a
   * token any name is allowed, since the browser sends our cookie only to the name that set it.
   */
  private checkHost(host = ''): void {
    if (this.expected !== undefined || loopback.test(host)) return
    throw new ProblemError('forbidden', `This dashboard is not called ${JSON.stringify(host.slice(0, 100))}.`, {
      where: 'Host',
      todo: 'Open it as http://127.0.0.1 or http://localhost with its port.',
    })
  }

  private isKnown({ headers }: GuardedRequest): boolean {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return this.isToken(bearer)
    const cookies = (headers.cookie ?? '').split(';').map(each => each.trim())
    const own = cookies.find(each => each.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1)
    return own !== undefined && timingSafeEqual(digest(own), digest(this.session))
  }

  private isToken(given: string): boolean {
    return this.expected !== undefined && timingSafeEqual(digest(given), this.expected)
  }
}

/** A hash, so that comparing takes the same time whatever was given and doesn't reveal its length. */
const digest = (text: string) => createHash('sha256').update(text).digest()

/** Only our own page may call: a form, an image or a script of another page would come with the user's cookie. */
function checkOrigin({ headers, method, url }: GuardedRequest): void {
  const { origin, host = '', 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  const foreign = new ProblemError('forbidden', 'Another page has asked for this: only the dashboard itself may.', {
    where: 'Origin',
  })
  if (origin !== undefined && !isOwn(origin, host)) throw foreign
  // Following a link to the page is allowed: it isn't a script's request.
  const isLink = method === 'GET' && mode === 'navigate' && !url.startsWith('/api/')
  if ((site === 'cross-site' || site === 'same-site') && !isLink) throw foreign
}

function isOwn(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host.toLowerCase() === host.toLowerCase()
}
