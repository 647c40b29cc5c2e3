/** Some bytes decompress to more than is allowed. */
export class DecompressionLimitError extends RangeError {
  constructor(maxBytes: number) {
    super(`it decompresses to more than the ${maxBytes} bytes that are allowed`)
    this.name = new.target.name
  }
}
