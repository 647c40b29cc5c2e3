import {
  type Chunk,
  ContentError,
  type Outages,
  type Sink,
  SinkError,
  type SinkTask,
  type Target,
  UnavailableError,
} from '../../src/ends'
import type { HttpTarget, ItemsChunk } from './http-end'

/** Answers that say that the request was wrong, and not that the server can't take it now. */
const isRefusal = (status: number) => status >= 400 && status < 500 && ![401, 403, 404, 408, 425, 429].includes(status)

/** A worker's sink to HTTP endpoints: chunks are posted as they come, and a commit waits for their answers. */
export class HttpSink implements Sink {
  private readonly tasks = new Set<string>()
  private readonly underWay = new Set<Promise<void>>()
  /** The last request of each task: its records are posted one request after the other. */
  private readonly last = new Map<string, Promise<void>>()
  private broken: Error | undefined

  constructor(
    readonly targets: readonly HttpTarget[],
    private readonly application: string,
    private readonly outages: Pick<Outages, 'lost' | 'back'>,
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    await Promise.allSettled(this.underWay)
    if (this.broken !== undefined) this.tasks.clear()
    this.broken = undefined
    this.last.clear()
    for (const { task } of tasks) this.tasks.add(task)
    return tasks.map(() => 0)
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    this.check()
    if (!this.tasks.has(task)) throw this.fail(new SinkError(`POST: task ${task} was not opened`, { task }))
    const before = this.last.get(task) ?? Promise.resolve()
    const post = before.then(() => this.post(target as HttpTarget, chunk as ItemsChunk))
    this.last.set(task, post)
    this.underWay.add(post)
    post.catch(error => this.fail(error)).finally(() => this.underWay.delete(post))
    // Room for one chunk beside the one that is on its way.
    await before
  }

  async commit(): Promise<void> {
    this.check()
    await Promise.all(this.underWay)
    this.check()
  }

  async abort(): Promise<void> {
    await Promise.allSettled(this.underWay)
  }

  async release(tasks: readonly string[]): Promise<void> {
    for (const task of tasks) this.tasks.delete(task)
  }

  async close(): Promise<void> {
    await this.abort()
    this.tasks.clear()
  }

  private async post({ url, batch, timeoutMs }: HttpTarget, { items, from, to }: ItemsChunk): Promise<void> {
    for (let first = 0; first < items.length; first += batch) {
      this.check()
      const part = items.slice(first, first + batch)
      const key = `${this.application}/${from.topic}/${from.partition}/${from.offset}-${to.offset}/${first}`
      await this.send(url, key, `[${part.join(',')}]`, timeoutMs)
    }
  }

  private async send(url: string, key: string, body: string, timeoutMs: number): Promise<void> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    let response: Response
    try {
      response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) })
    } catch (error) {
      const cause = (error as Error).cause ?? error
      const away = new UnavailableError(`POST ${url}: ${(cause as Error).message}`)
      this.outages.lost(url, away)
      throw away
    }
    const answer = await response.text()
    if (response.ok) return this.outages.back(url)
    const said = `POST ${url}: ${response.status} ${answer.slice(0, 200)}`
    if (isRefusal(response.status)) throw new ContentError(said)
    const away = new UnavailableError(said)
    this.outages.lost(url, away)
    throw away
  }

  private check(): void {
    if (this.broken !== undefined) throw this.broken
  }

  private fail<E extends Error>(error: E): E {
    this.broken ??= error
    return error
  }
}
