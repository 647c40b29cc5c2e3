import type { Socket } from 'node:net'

/**
 * Leads what comes from a client to a server and back, as long as both are there; `sockets` has the two while they are open. What `pass` gives of the
 * bytes goes on: nothing where it is undefined.
 */
export function joinPair(
  client: Socket,
  server: Socket,
  sockets: Set<Socket>,
  pass: (bytes: Buffer, from: Socket) => Buffer | undefined,
): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(from)
    from.on('error', () => undefined)
    from.once('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.on('data', bytes => {
      const passed = pass(bytes, from)
      if (passed !== undefined && !to.destroyed) to.write(passed)
    })
  }
}
