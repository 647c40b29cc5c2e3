import pino from 'pino'

/** A wrong one is for the configuration to name, together with its other faults. */
const level = Object.values(pino.levels.labels).find(known => known === process.env.LOG_LEVEL) ?? 'info'

/** The one logger: JSON lines on stderr, so that stdout stays data. `LOG_LEVEL` sets how much. */
export const log = pino({ name: 'weir', level }, pino.destination({ fd: 2, sync: true }))

export type Log = Pick<typeof log, 'debug' | 'info' | 'warn' | 'error'>

const nothing = () => {}
/** For what another has reported already. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
