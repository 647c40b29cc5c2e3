import { Client } from 'pg'
import { sql } from './sql-files'

const settings = sql('session-settings')

export interface ClientOptions {
  readonly databaseUrl: string
  /** Shown in `pg_stat_activity`. */
  readonly name: string
  /** How long a statement may take, ms; 0 is for ever. */
  readonly statementTimeoutMs: number
  /** How long it may wait for a lock of another session, ms. */
  readonly lockTimeoutMs: number
}

/** Connects; `onError` hears of a server that goes away while nothing is asked of it. */
export async function connectClient(
  options: ClientOptions,
  onError: (error: Error, client: Client) => void,
): Promise<Client> {
  const client = new Client({
    connectionString: options.databaseUrl,
    application_name: options.name,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  client.on('error', error => onError(error, client))
  try {
    await client.connect()
    await client.query(settings, [String(options.statementTimeoutMs), String(options.lockTimeoutMs)])
  } catch (error) {
    drop(client)
    throw error
  }
  return client
}

/** Closes the connection at once; the server rolls back what it was doing. */
export function drop(client: Client): void {
  void client.end().catch(() => undefined)
  // `end` says goodbye, which a server in the middle of a COPY would not read.
  const { connection } = client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }
  connection.stream.destroy()
}
