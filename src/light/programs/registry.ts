import { LightRegistry } from '../light-registry'
import { run } from './program'

run(async (port, keeper) => {
  const registry = await LightRegistry.start(port, undefined, keeper)
  return `light schema registry on ${registry.url}`
})
