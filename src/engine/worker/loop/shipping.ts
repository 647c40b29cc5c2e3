import type { Slot } from '../open-tasks'

/** Hands over ahead of the commit what tasks have for their sinks: one write of a task at a time. */
export class Shipping {
  private readonly writing = new Map<string, Promise<void>>()
  private isQuiet = false

  constructor(
    private readonly write: (slot: Slot) => Promise<void>,
    private readonly shipped: () => void,
  ) {}

  /** Writes what the task has, unless its last write still waits for room. Never rejects. */
  async ship(slot: Slot): Promise<void> {
    const { id, sinkBytes } = slot.task
    if (this.isQuiet || sinkBytes === 0 || this.writing.has(id)) return
    const written = this.write(slot).finally(() => {
      this.writing.delete(id)
      this.shipped()
    })
    this.writing.set(id, written)
    await written
  }

  /** Starts no write while it is so. */
  quiet(isQuiet: boolean): void {
    this.isQuiet = isQuiet
  }
}
