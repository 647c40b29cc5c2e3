import type { Slot } from '../open-tasks'

/** Hands over ahead of the commit what tasks have for their sinks: one write of a task at a time, and none while a commit takes its checkpoint. */
export class Shipping {
  private readonly writing = new Map<string, Promise<void>>()
  private isHeld = false
  private isQuiet = false

  constructor(
    private readonly write: (slot: Slot) => Promise<void>,
    private readonly on: { readonly shipped: () => void; readonly failed: (error: unknown) => void },
  ) {}

  /** Writes what the task has, unless its last write is still under way. Never rejects. */
  async ship(slot: Slot): Promise<void> {
    const { id, sinkBytes } = slot.task
    if (this.isHeld || this.isQuiet || sinkBytes === 0 || this.writing.has(id)) return
    const written = this.write(slot)
      .catch(error => this.on.failed(error))
      .finally(() => {
        this.writing.delete(id)
        this.on.shipped()
      })
    this.writing.set(id, written)
    await written
  }

  /** Starts no write while it is so, whatever is released. */
  quiet(isQuiet: boolean): void {
    this.isQuiet = isQuiet
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
