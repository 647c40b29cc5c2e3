import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import type { ClientMessage } from '../../src/dashboard/contract'
import { repository, type Services } from './services'

/** What a page that shows a topology listens to. */
const listensTo = (application: string): readonly ClientMessage[] => [
  { do: 'subscribe', id: 1, to: { kind: 'status' } },
  { do: 'subscribe', id: 2, to: { kind: 'applications' } },
  { do: 'subscribe', id: 3, to: { kind: 'lag', group: application } },
]

/** `weir dashboard` in a process of its own with so many pages, as far as a server notices them; resolves with what ends it. */
export async function openPages(
  { environment }: Services,
  { pages, application }: { readonly pages: number; readonly application: string },
): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['bin/weir.mjs', 'dashboard', '--port', '0'], {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = () => child.kill('SIGKILL')
  process.on('exit', stop)
  const sockets: WebSocket[] = []
  const close = async () => {
    for (const socket of sockets) socket.terminate()
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGTERM')) await gone
    process.off('exit', stop)
  }
  try {
    const url = await addressIn(createInterface({ input: child.stdout }))
    child.stdout.resume()
    for (let page = 0; page < pages; page++) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`)
      sockets.push(socket)
      await once(socket, 'open')
      for (const message of listensTo(application)) socket.send(JSON.stringify(message))
    }
    return close
  } catch (error) {
    await close()
    throw error
  }
}

async function addressIn(lines: AsyncIterable<string>): Promise<string> {
  const read: string[] = []
  for await (const line of lines) {
    read.push(line)
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (found !== undefined) return found
  }
  throw new Error(`the dashboard has ended:\n${read.join('\n')}`)
}
