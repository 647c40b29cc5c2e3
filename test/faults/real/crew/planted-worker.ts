import { plant } from '../../planted/plant'

// A worker with a bug in it. Its name is no setting of weir's, which refuses those that it doesn't know.
plant(process.env.WEIR_PLANTED)
delete process.env.WEIR_PLANTED
// Loaded once the bug is planted.
require('../../../../src/cli/programs/topology')
