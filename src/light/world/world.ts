/** Stops what was planned; nothing where it has run already. */
export type Cancel = () => void

/** Time, as the light broker sees it: the machine's, or a simulation's. */
export interface Clock {
  /** ms since 1970. */
  now(): number
  /** Runs `run` once, `ms` later. Of two that are due at the same time the one planned first runs first. */
  after(ms: number, run: () => void): Cancel
}

/** One connection of a client. */
export interface Connection {
  /** Where the client is, such as `/127.0.0.1`. */
  readonly from: string
  /** Bytes in their order. */
  onData(take: (bytes: Buffer) => void): void
  /** Called once, whoever ends it. */
  onClose(closed: () => void): void
  write(bytes: Buffer): void
  close(): void
}

/** A port that is listened on. */
export interface Listener {
  readonly port: number
  /** Takes no more connections; those that are open stay. */
  close(): Promise<void>
}

/** Where clients come from: TCP, or a simulation's network. */
export interface Network {
  /** Port 0 is any free one. Rejects where the port can't be had. */
  listen(host: string, port: number, accept: (connection: Connection) => void): Promise<Listener>
}
