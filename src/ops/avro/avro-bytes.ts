import { type Tap, writeBigLong, writeInt, writeLong } from '../../codecs/varint'

/** Avro's binary encoding, written into a buffer that grows. */
export class AvroBytes implements Tap {
  buf = Buffer.allocUnsafeSlow(4096)
  pos = 0

  /** What was written, as bytes of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.buf.subarray(0, this.pos))
    this.pos = 0
    return taken
  }

  byte(value: number): void {
    this.room(1)
    this.buf[this.pos++] = value
  }

  int(value: number): void {
    this.room(5)
    writeInt(this, value)
  }

  long(value: number | bigint): void {
    this.room(10)
    if (typeof value === 'bigint') writeBigLong(this, value)
    else writeLong(this, value)
  }

  float(value: number): void {
    this.room(4)
    this.pos = this.buf.writeFloatLE(value, this.pos)
  }

  double(value: number): void {
    this.room(8)
    this.pos = this.buf.writeDoubleLE(value, this.pos)
  }

  /** Bytes behind their length. */
  sized(bytes: Buffer): void {
    this.long(bytes.length)
    this.bytes(bytes)
  }

  bytes(bytes: Buffer): void {
    this.room(bytes.length)
    this.pos += bytes.copy(this.buf, this.pos)
  }

  private room(size: number): void {
    if (this.pos + size <= this.buf.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.pos + size))
    this.buf.copy(grown, 0, 0, this.pos)
    this.buf = grown
  }
}
