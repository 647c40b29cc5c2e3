import type { Topology } from '../../../../src/index'
import sensors from '../../../../topology/sensors'

/** The topology of the fleet with its state on disk: the same results, changelogs and group as of a worker that has it in memory. */
const onDisk: Topology = { ...sensors, stores: sensors.stores.map(store => ({ ...store, location: 'disk' as const })) }

export default onDisk
