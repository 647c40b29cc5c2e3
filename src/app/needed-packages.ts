import { mqttTargets } from '../connectors/mqtt/mqtt-end'
import type { Topology } from '../dsl/graph'
import { targetsOf } from '../engine/plan/targets'
import { ConfigError } from '../errors'

/** Packages that weir can do without, and what of a topology can't. */
const optional: Readonly<Record<string, (topology: Topology) => string | undefined>> = {
  mqtt: topology => {
    if (mqttTargets(targetsOf(topology)).length > 0) return 'mqtt()'
    return topology.queries?.mqtt === undefined ? undefined : 'queries({ mqtt })'
  },
  lmdb: ({ stores }) => (stores.some(({ location }) => location === 'disk') ? "location: 'disk'" : undefined),
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

/** Throws ConfigError that names every package that a topology needs and that isn't installed, before anything is started. */
export function checkPackages(topology: Topology, installed: (name: string) => boolean = isInstalled): void {
  const missing = Object.entries(optional).flatMap(([name, needs]) => {
    const use = installed(name) ? undefined : needs(topology)
    return use === undefined ? [] : [{ name, use }]
  })
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(' ')
  throw new ConfigError(
    `topology "${topology.name}": ${missing.map(({ name, use }) => `${use} needs the package ${name}`).join(', ')}: npm install ${names}`,
  )
}
