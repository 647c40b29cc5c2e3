import { stackHome } from './home'
import { serviceOf } from './launch-all'
import type { ServicePorts } from './service'
import { allServices, processOf, readState, type ServiceName, serviceNames } from './state'

export interface ServiceStatus {
  readonly name: ServiceName
  /** `not answering`: its process lives, but doesn't speak its protocol. */
  readonly state: 'running' | 'not answering' | 'stopped'
  readonly ports: string
  readonly pid: number | undefined
  readonly program: string
}

/** Asks every service of a home once. */
export async function stackStatus(home?: string): Promise<ServiceStatus[]> {
  const folder = stackHome(home)
  const state = readState(folder)
  const ask = async (name: ServiceName): Promise<ServiceStatus> => {
    const known = name === 'mqtt' ? state.mqtt : state[name]
    const id = processOf(known)
    const { port, wsPort, saslPort, tokenPort }: Partial<ServicePorts> = known ?? {}
    const ports = [port, wsPort, saslPort, tokenPort].filter(each => each !== undefined)
    const program = name === 'mqtt' ? (state.mqtt?.kind ?? '') : state[name]?.light ? 'light' : ''
    const row = { name, ports: ports.join(' '), pid: id?.pid, program }
    if (known === undefined || id === undefined) return { ...row, state: 'stopped' }
    const answers = await serviceOf(folder, name)
      .probe(known)
      .then(
        () => true,
        () => false,
      )
    return { ...row, state: answers ? 'running' : 'not answering' }
  }
  const names = allServices.filter(name => state[name] !== undefined || serviceNames.some(each => each === name))
  return Promise.all(names.map(ask))
}
