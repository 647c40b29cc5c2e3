import { stackHome } from './home'
import { services } from './launch-all'
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
  const state = readState(stackHome(home))
  const ask = async (name: ServiceName): Promise<ServiceStatus> => {
    const known = name === 'mqtt' ? state.mqtt : state[name]
    const id = processOf(known)
    const ports = known === undefined ? [] : [known.port, ...('wsPort' in known ? [known.wsPort] : [])]
    const program = name === 'mqtt' ? (state.mqtt?.kind ?? '') : state[name]?.light ? 'light' : ''
    const row = { name, ports: ports.join(' '), pid: id?.pid, program }
    if (known === undefined || id === undefined) return { ...row, state: 'stopped' }
    const answers = await services[name].probe(known).then(
      () => true,
      () => false,
    )
    return { ...row, state: answers ? 'running' : 'not answering' }
  }
  const names = allServices.filter(name => state[name] !== undefined || serviceNames.some(each => each === name))
  return Promise.all(names.map(ask))
}
