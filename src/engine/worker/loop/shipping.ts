import type { Slot } from '../open-tasks'

/** Hands what tasks have for their sinks over ahead of the commit: one write of a task at a time, none while a commit gathers. */
export class Shipping {
  private readonly writing = new Map<string, Promise<void>>()
  private isHeld = false

  constructor(
    private readonly write: (slot: Slot) => Promise<void>,
    private readonly on: { readonly shipped: () => void; readonly failed: (error: unknown) => void },
  ) {}

  /** Writes what the task has, unless its sinks still have the last. Never rejects. */
  async ship(slot: Slot): Promise<void> {
    const { id, sinkBytes } = slot.task
    if (this.isHeld || sinkBytes === 0 || this.writing.has(id)) return
    const written = this.write(slot)
      .catch(error => this.on.failed(error))
      .finally(() => {
        this.writing.delete(id)
        this.on.shipped()
      })
    this.writing.set(id, written)
    await written
  }

  /** Starts no write from now on; resolves when those under way are done. */
  async hold(): Promise<void> {
    this.isHeld = true
    await Promise.all(this.writing.values())
  }

  release(): void {
    this.isHeld = false
  }
}
