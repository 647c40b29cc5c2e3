import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { type PortName, type Ports, usualPorts } from './addresses'
import { StackError } from './stack-error'

/**
 * Reads `kafka=31001,registry=0,...`; 0 stands for any free port, a name left out for the usual one.
 * @throws StackError naming every fault
 */
export function parsePorts(text: string | undefined = process.env.WEIR_STACK_PORTS): Partial<Ports> {
  const ports: Partial<Record<PortName, number>> = {}
  const faults: string[] = []
  for (const entry of (text ?? '').split(',').filter(part => part.trim() !== '')) {
    const [name = '', value = ''] = entry.split('=').map(part => part.trim())
    if (!Object.hasOwn(usualPorts, name)) faults.push(`"${name}" is none of ${Object.keys(usualPorts).join(', ')}`)
    else if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) faults.push(`${name}="${value}" is no port (0-65535)`)
    else ports[name as PortName] = Number(value)
  }
  if (faults.length > 0) throw new StackError(`WEIR_STACK_PORTS: ${faults.join('; ')}`, { exitCode: 2 })
  return ports
}

const bind = (port: number, host: string): Promise<string> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'EUNKNOWN'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve('')))
  })

/** Whether nobody listens there: on loopback, nor on every address at once, which a client of loopback would reach too. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const code = await bind(port, host)
    if (code !== '' && code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') return false
  }
  return true
}

/** A free port below the kernels' ephemeral ranges, so that no outgoing connection takes it before the service does. */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(20_000, 32_000)
    if (!taken.has(port) && (await isFree(port))) return port
  }
  throw new StackError('no free port found between 20000 and 32000 in 200 attempts: stop something that listens there')
}

export interface PortWish {
  readonly name: PortName
  /** What the caller fixed; 0 for any free one. */
  readonly fixed?: number | undefined
  /** The port of the last run. */
  readonly remembered?: number | undefined
  /** Whether the remembered port goes before the usual one: other services of this stack run, and so may its clients. */
  readonly repair: boolean
}

/**
 * @param taken ports already given to other services of this start
 * @throws StackError when the fixed port is not free
 */
export async function choosePort(wish: PortWish, taken: ReadonlySet<number>): Promise<number> {
  const { name, fixed, remembered, repair } = wish
  if (fixed !== undefined && fixed > 0) {
    if (!taken.has(fixed) && (await isFree(fixed))) return fixed
    throw new StackError(`port ${fixed}, fixed for ${name}, is taken: stop what listens there or fix another one`)
  }
  const usual = fixed === 0 ? undefined : usualPorts[name]
  const order = repair || fixed === 0 ? [remembered, usual] : [usual, remembered]
  for (const port of order) if (port !== undefined && !taken.has(port) && (await isFree(port))) return port
  return freePort(taken)
}
