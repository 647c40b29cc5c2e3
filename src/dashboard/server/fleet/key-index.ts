const smallest = 1024

/** Numbers keys from 0 in the order in which they come, by their bytes: no text is made for a known key. */
export class KeyIndex {
  count = 0
  private bytes = Buffer.allocUnsafe(smallest * 16)
  private ends = new Uint32Array(smallest)
  private hashes = new Int32Array(smallest)
  /** Open addressing: the number of a key plus one, 0 where nothing is. */
  private slots = new Int32Array(smallest * 2)

  /** The key's number, a new one for a new key. */
  add(from: Buffer, start: number, end: number): number {
    const hash = hashOf(from, start, end)
    const slot = this.slotOf(hash, from, start, end)
    const known = this.slots[slot]!
    return known > 0 ? known - 1 : this.append(slot, hash, from, start, end)
  }

  /** The key's number, -1 for one that never came. */
  find(key: Buffer): number {
    return this.slots[this.slotOf(hashOf(key, 0, key.length), key, 0, key.length)]! - 1
  }

  /** The key's bytes, as a copy. */
  key(index: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.startOf(index), this.ends[index]))
  }

  private startOf(index: number): number {
    return index === 0 ? 0 : this.ends[index - 1]!
  }

  private slotOf(hash: number, from: Buffer, start: number, end: number): number {
    const mask = this.slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = this.slots[slot]!
      if (known === 0 || (this.hashes[known - 1] === hash && this.isSame(known - 1, from, start, end))) return slot
    }
  }

  private isSame(index: number, from: Buffer, start: number, end: number): boolean {
    const own = this.startOf(index)
    const length = end - start
    if (this.ends[index]! - own !== length) return false
    for (let i = 0; i < length; i++) if (this.bytes[own + i] !== from[start + i]) return false
    return true
  }

  private append(slot: number, hash: number, from: Buffer, start: number, end: number): number {
    const index = this.count++
    const at = this.startOf(index)
    if (at + end - start > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, at + end - start))
      this.bytes.copy(larger)
      this.bytes = larger
    }
    from.copy(this.bytes, at, start, end)
    this.ends[index] = at + end - start
    this.hashes[index] = hash
    this.slots[slot] = index + 1
    if (this.count === this.ends.length) this.grow()
    return index
  }

  private grow(): void {
    const ends = new Uint32Array(this.ends.length * 2)
    const hashes = new Int32Array(ends.length)
    ends.set(this.ends)
    hashes.set(this.hashes)
    this.ends = ends
    this.hashes = hashes
    this.slots = new Int32Array(ends.length * 2)
    const mask = this.slots.length - 1
    for (let index = 0; index < this.count; index++) {
      let slot = hashes[index]! & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = index + 1
    }
  }
}

/** FNV-1a, and its upper bits mixed into the lower ones, which choose the slot. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}
