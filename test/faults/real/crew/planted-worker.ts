import { plant } from '../../planted/plant'

// A worker with a bug in it.
plant(process.env.WEIR_PLANTED)
// Loaded once the bug is planted.
require('../../../../src/cli/programs/topology')
