import { z } from 'zod'
import { list, outage } from './common'

/** What the page has to know about this server first. It never waits for a service. */
export const settingsView = z.object({
  version: z.string().describe('of weir'),
  writes: z.boolean().describe('false: read-only, since it was started without --allow-writes'),
  brokers: list(z.string()).describe('as configured'),
  registry: z.string().nullable().describe('its URL without user and password'),
  startedAgoMs: z.number(),
  /** Every service that is watched, those that are well too. */
  services: list(
    z.object({ service: outage.shape.service, ok: z.boolean().nullable().describe('null: not yet tried') }),
  ),
  outages: list(outage),
  frames: list(z.string()).describe('the views that `frames` of the live connection can be asked for'),
})
export type SettingsView = z.infer<typeof settingsView>
