import { type ConnectOptions, connectOnce } from './mqtt-client'
import { refusalOf } from './reason-codes'

/** How an idle connection fares. `taken`: the broker says that another client uses its id. */
export type Trial = 'stays' | 'closed' | 'taken'

/** Clients that are pushed out come back within a second, unless they are told otherwise, ms. */
const trialMs = 2_000

/**
 * Connects and writes nothing. Another client that uses the same id ends this connection, as it ended the one that wrote: where no
 * reason was given, that is how to know.
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
