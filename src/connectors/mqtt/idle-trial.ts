import { type ConnectOptions, connectOnce } from './mqtt-client'
import { refusalOf } from './reason-codes'

/** What happened to an idle connection. `taken`: the broker says that another client uses its id. */
export type Trial = 'stays' | 'closed' | 'taken'

/** Clients that are pushed out come back within a second, unless they are told otherwise, ms. */
const trialMs = 2_000

/**
 * Connects and writes nothing. Where a connection was closed without a reason, this shows whether another client uses the same id: it
 * would end this connection too.
 */
export async function tryIdle(options: ConnectOptions): Promise<Trial> {
  const link = await connectOnce(options).catch(() => undefined)
  if (link === undefined) return 'closed'
  const { client } = link
  let end: Trial = 'closed'
  client.on('disconnect', ({ reasonCode = 0 }) => {
    if (refusalOf(reasonCode, '', 'disconnect').blame === 'owner') end = 'taken'
  })
  return new Promise(resolve => {
    const over = setTimeout(() => {
      end = 'stays'
      client.end(true)
    }, trialMs)
    const done = () => {
      clearTimeout(over)
      resolve(end)
    }
    if (client.connected) client.once('close', done)
    else done()
  })
}
