import { mostUncommitted, mostUncommittedBytes } from './bounds'

interface Part {
  records: number
  bytes: number
}

/** What was processed and isn't committed: by the commits under way, and since the last of them began. */
export class Backlog {
  private current: Part = { records: 0, bytes: 0 }
  private readonly parts: Part[] = []

  /**
   * Whether so much waits for a commit to come that nothing more is processed. What the only commit under way has doesn't count, since it is nearly done; once others have
   * begun behind it, all of them do.
   */
  get isFull(): boolean {
    let { records, bytes } = this.current
    for (const part of this.parts.length > 1 ? this.parts : []) {
      records += part.records
      bytes += part.bytes
    }
    return records > mostUncommitted || bytes > mostUncommittedBytes
  }

  add(records: number, bytes: number): void {
    this.current.records += records
    this.current.bytes += bytes
  }

  /** A commit begins, of all that came before; the result is called when it is done. */
  cut(): () => void {
    const part = this.current
    this.parts.push(part)
    this.current = { records: 0, bytes: 0 }
    return () => {
      this.parts.splice(this.parts.indexOf(part), 1)
    }
  }
}
