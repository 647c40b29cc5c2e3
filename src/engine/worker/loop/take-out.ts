import type { Reader } from '../../../connectors/source'
import type { Slot } from '../open-tasks'

/** Takes tasks out of those at work, and ends their reading. False, with none taken out, where one has something that isn't committed. */
export function takeOut(tasks: ReadonlySet<string>, slots: Map<string, Slot>, reader: Pick<Reader, 'remove'>): boolean {
  for (const id of tasks) if (slots.get(id)?.task.isDirty) return false
  for (const id of tasks) {
    for (const input of slots.get(id)?.task.inputs ?? []) reader.remove(input)
    slots.delete(id)
  }
  return true
}
