import { request } from 'node:https'
import { Readable } from 'node:stream'
import type { Tls } from './tls-url'

/** As much of `fetch` as weir uses. */
export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** As `fetch`, with certificates of one's own, which `fetch` itself takes for the whole process alone. */
export const tlsFetch =
  (tls: Tls) =>
  (url: string, { method, headers, body, signal }: Asked): Promise<Response> =>
    new Promise((resolve, reject) => {
      const fail = (error: Error) =>
        reject(signal.aborted ? signal.reason : new TypeError('fetch failed', { cause: error }))
      const asked = request(url, { method, headers, signal, ...tls }, answer => {
        const given = Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, `${value}`] as [string, string]],
        )
        const { statusCode: status = 0 } = answer
        const isEmpty = status === 204 || status === 304
        resolve(new Response(isEmpty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers: given }))
      })
      asked.on('error', fail)
      asked.end(body)
    })
