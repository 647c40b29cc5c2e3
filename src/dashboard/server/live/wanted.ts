import type { z } from 'zod'
import type { subscription } from '../../contract/live'

/** What a client subscribes to, as it was checked. */
export type Wanted = z.output<typeof subscription>
