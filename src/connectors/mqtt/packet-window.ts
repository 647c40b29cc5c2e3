/**
 * Packet identifiers of the publishes that the broker has not acknowledged yet, at most `size` of them. An identifier is not
 * given out again before its acknowledgement (MQTT 3.1.1, 2.3.1).
 */
export class PacketWindow {
  /** How many publishes were sent. */
  sent = 0
  /** How many of them, counted from the first without a gap, were acknowledged. */
  proven = 0
  private readonly ids: Uint16Array
  private readonly acknowledged: Uint8Array
  /** By identifier: its slot plus 1, or 0 when it is free. */
  private readonly slots = new Uint16Array(65_536)
  private last = 0

  constructor(readonly size: number) {
    this.ids = new Uint16Array(size)
    this.acknowledged = new Uint8Array(size)
  }

  /** How many more may be sent now. */
  get free(): number {
    return this.size - (this.sent - this.proven)
  }

  /** Takes an identifier for the next publish; there is a free one. */
  send(): number {
    do this.last = this.last === 65_535 ? 1 : this.last + 1
    while (this.slots[this.last] !== 0)
    const slot = this.sent++ % this.size
    this.ids[slot] = this.last
    this.acknowledged[slot] = 0
    this.slots[this.last] = slot + 1
    return this.last
  }

  /**
   * Notes an acknowledgement and returns which publish it is of, counted from 0; -1 for an identifier that is not under way, which
   * changes nothing.
   */
  acknowledge(id: number): number {
    const slot = this.slots[id] ?? 0
    if (slot === 0) return -1
    const { size, proven } = this
    const nth = proven + ((slot - 1 - (proven % size) + size) % size)
    this.slots[id] = 0
    this.acknowledged[slot - 1] = 1
    while (this.proven < this.sent && this.acknowledged[this.proven % size] === 1) this.proven++
    return nth
  }
}
