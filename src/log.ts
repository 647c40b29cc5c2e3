import pino from 'pino'

/** The one logger: JSON lines on stderr, so that stdout stays data. `LOG_LEVEL` sets how much. */
export const log = pino(
  { name: 'weir', level: process.env.LOG_LEVEL ?? 'info' },
  pino.destination({ fd: 2, sync: true }),
)

export type Log = Pick<typeof log, 'debug' | 'info' | 'warn' | 'error'>

const nothing = () => {}
/** For what another tells already. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
