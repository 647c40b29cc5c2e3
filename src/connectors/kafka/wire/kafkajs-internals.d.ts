/** What weir uses of kafkajs beneath its public interface; the version is pinned in package.json. */
declare module 'kafkajs/src/network/connection' {
  import type { Socket } from 'node:net'

  interface WireRequest {
    request: {
      apiKey: number
      apiVersion: number
      apiName: string
      encode(): Promise<unknown>
      expectResponse?(): boolean
    }
    response: { decode(payload: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> }
    requestTimeout?: number
    logResponseError?: boolean
  }
  class Connection {
    constructor(options: Record<string, unknown>)
    socket: Socket | undefined
    readonly requestQueue: {
      scheduleCheckPendingRequests(): void
      push(request: { readonly entry: { reject(error: Error): void } }): void
    }
    connect(): Promise<boolean>
    disconnect(): Promise<boolean>
    isConnected(): boolean
    rejectRequests(error: Error): void
    setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void
    setSupportAuthenticationProtocol(supported: boolean): void
    authenticate(): Promise<void>
    send(request: WireRequest): Promise<unknown>
  }
  export = Connection
}

declare module 'kafkajs/src/loggers' {
  import type { Logger, logCreator, logLevel } from 'kafkajs'

  export const LEVELS: typeof logLevel
  export function createLogger(options: { level: number; logCreator: logCreator }): Logger
}
