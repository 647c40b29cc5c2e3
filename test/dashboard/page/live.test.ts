import type { Problem } from '../../../src/dashboard/contract'
import { Live, type LiveSocket, type LiveState } from '../../../src/dashboard/page/data/live'

/** Sockets that a test opens, feeds and closes, and a clock that it moves. */
function stage() {
  const sockets: (LiveSocket & { readonly said: unknown[] })[] = []
  const waiting: { readonly ms: number; readonly run: () => void }[] = []
  const states: LiveState[] = []
  const world = {
    connect: () => {
      const said: unknown[] = []
      const socket: (typeof sockets)[number] = {
        ...{ onopen: null, onmessage: null, onclose: null, said },
        send: text => said.push(JSON.parse(text)),
        close: () => {},
      }
      sockets.push(socket)
      return socket
    },
    now: () => 1000 * sockets.length,
    random: () => 1,
    after: (ms: number, run: () => void) => {
      waiting.push({ ms, run })
      return () => {}
    },
  }
  const live = new Live(world, state => states.push(state))
  live.start()
  const last = () => {
    const socket = sockets.at(-1)
    if (socket === undefined) throw new Error('nothing has connected')
    return socket
  }
  return {
    ...{ live, sockets, waiting, states, last },
    open: () => last().onopen?.(),
    tell: (message: unknown) => last().onmessage?.({ data: JSON.stringify(message) }),
    lose: () => last().onclose?.(),
    reconnect: () => waiting.shift()?.run(),
  }
}

it('says what is listened to when it opens, and hands on what is told', () => {
  const { live, open, tell, last } = stage()
  const heard: unknown[] = []
  live.subscribe({ kind: 'status' }, data => heard.push(data))
  expect(last().said).toEqual([])
  open()
  expect(last().said).toEqual([{ do: 'subscribe', id: 1, to: { kind: 'status' } }])
  tell({ id: 1, kind: 'status', data: { outages: [] } })
  tell({ id: 9, kind: 'status', data: { outages: ['of nobody'] } })
  expect(heard).toEqual([{ outages: [] }])
})

it('comes back by itself, later each time, and listens to the same', () => {
  const { live, open, lose, reconnect, waiting, states, sockets, last } = stage()
  live.subscribe({ kind: 'status' }, () => {})
  const stop = live.subscribe({ kind: 'lag', group: 'orders' }, () => {})
  open()
  const pauses: number[] = []
  for (let attempt = 0; attempt < 6; attempt++) {
    lose()
    pauses.push(waiting[0]?.ms ?? 0)
    reconnect()
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 5000])
  stop()
  open()
  expect(sockets).toHaveLength(7)
  expect(last().said).toEqual([{ do: 'subscribe', id: 1, to: { kind: 'status' } }])
  expect(states.map(({ is }) => is)).toEqual(['live', 'lost', 'live'])
  lose()
  expect(waiting[0]?.ms).toBe(250)
})

it('asks for silence while it is hidden, also anew', () => {
  const { live, open, lose, reconnect, last } = stage()
  open()
  live.hide(true)
  live.hide(true)
  expect(last().said).toEqual([{ do: 'hidden', hidden: true }])
  lose()
  reconnect()
  open()
  expect(last().said).toEqual([{ do: 'hidden', hidden: true }])
  live.hide(false)
  expect(last().said.at(-1)).toEqual({ do: 'hidden', hidden: false })
})

it('hears of all applications', () => {
  const { live, open, tell, last } = stage()
  const heard: unknown[] = []
  live.subscribe(
    { kind: 'applications' },
    told => heard.push(told),
    () => {},
  )
  open()
  expect(last().said).toEqual([{ do: 'subscribe', id: 1, to: { kind: 'applications' } }])
  tell({ id: 1, kind: 'applications', data: { applications: [] } })
  expect(heard).toEqual([{ applications: [] }])
})

it('ends a subscription that has a problem', () => {
  const { live, open, tell, lose, reconnect, last } = stage()
  const problem: Problem = { code: 'not-found', what: 'no topic nowhere', where: null, todo: null, outages: [] }
  const problems: Problem[] = []
  live.subscribe(
    { kind: 'lag', group: 'nobody' },
    () => {},
    each => problems.push(each),
  )
  open()
  tell({ id: 1, kind: 'problem', data: problem })
  expect(problems).toEqual([problem])
  lose()
  reconnect()
  open()
  expect(last().said).toEqual([])
})

it('hands binary frames to their view without the number', () => {
  const { live, open, last } = stage()
  const frames: number[][] = []
  live.frames(
    'fleet',
    'application=sensors',
    frame => frames.push([...new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)]),
    () => {},
  )
  open()
  expect(last().said).toEqual([
    { do: 'subscribe', id: 1, to: { kind: 'frames', view: 'fleet', query: 'application=sensors' } },
  ])
  last().onmessage?.({ data: new Uint8Array([1, 0, 0, 0, 7, 8]).buffer })
  last().onmessage?.({ data: new Uint8Array([5, 0, 0, 0, 9]).buffer })
  expect(frames).toEqual([[7, 8]])
})
