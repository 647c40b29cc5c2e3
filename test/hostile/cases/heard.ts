import type { Message } from 'kafkajs'
import type { Hostile } from '../case'
import { type Scene, same } from '../scene'
import { valuesOf } from './parts'

/** A case that hears from its beginning what is published at MQTT. */
export const heard = (base: Hostile): Hostile => ({
  ...base,
  async run(scene) {
    await scene.subscribe(`${scene.names.run}/#`)
    return base.run(scene)
  },
})

/** Waits until the records' values are published, each at least once, and nothing else. */
export async function published(scene: Scene, records: readonly Message[]): Promise<void> {
  const all = () => [...new Set(scene.payloads)]
  await scene.until(() => all().length >= records.length, `${records.length} messages`)
  same('messages', all(), valuesOf(records))
}

/** Waits until the broker retains the records' values, and nothing else. */
export async function retained(scene: Scene, records: readonly Message[]): Promise<void> {
  const all = async () => [...(await scene.retained(`${scene.names.run}/#`)).values()]
  await scene.until(async () => (await all()).length >= records.length, `${records.length} retained messages`)
  same('retained messages', await all(), valuesOf(records))
}
