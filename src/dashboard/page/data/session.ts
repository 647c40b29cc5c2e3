import { signal } from '@preact/signals'
import type { Given, Outage } from '../../contract'
import { api } from './api'
import { takeApplications } from './applications'
import { Live, type LiveSocket, type LiveState } from './live'
import { isHidden } from './visibility'

/** What the server is and may do; undefined until it has said so. */
export const settings = signal<Given<'GET /api/settings'> | undefined>(undefined)
/** Services that are away, as the server sees them. */
export const outages = signal<readonly Outage[]>([])
export const connection = signal<LiveState>({ is: 'connecting', sinceMs: Date.now() })

function connect(): LiveSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/api/live`)
  socket.binaryType = 'arraybuffer'
  const used: LiveSocket = {
    ...{ onopen: null, onmessage: null, onclose: null },
    send: text => socket.send(text),
    close: () => socket.close(),
  }
  socket.onopen = () => used.onopen?.()
  socket.onmessage = event => used.onmessage?.(event)
  socket.onclose = () => used.onclose?.()
  return used
}

/** The page's live connection. */
export const live = new Live(
  {
    connect,
    now: Date.now,
    random: Math.random,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  },
  state => {
    connection.value = state
    // Another server may have come up in its place.
    if (state.is === 'live') void askSettings()
  },
)

async function askSettings(): Promise<void> {
  try {
    settings.value = await api('GET /api/settings', {})
    outages.value = settings.value.outages
  } catch {
    // The connection has just been lost again; its banner says so.
  }
}

/** Begins to listen; called once. */
export function startSession(): void {
  live.start()
  isHidden.subscribe(hidden => live.hide(hidden))
  live.subscribe({ kind: 'status' }, told => {
    outages.value = told.outages
  })
  live.subscribe(
    { kind: 'applications' },
    told => takeApplications(told.applications, Date.now()),
    () => takeApplications([], Date.now()),
  )
}
