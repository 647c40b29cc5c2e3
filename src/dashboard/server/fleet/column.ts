/** A number for each key (or cell), by its index: one array that grows, so that a hundred thousand keys make no object. */
export class Column {
  private numbers: Float64Array

  /** @param unset What it holds where nothing was set. */
  constructor(private readonly unset = 0) {
    this.numbers = new Float64Array(64).fill(unset)
  }

  static from(numbers: readonly number[]): Column {
    const column = new Column()
    for (const [index, number] of numbers.entries()) column.set(index, number)
    return column
  }

  of(index: number): number {
    const { numbers } = this
    // A read beyond the end would make every later read several times slower (V8).
    return index < numbers.length ? numbers[index]! : this.unset
  }

  set(index: number, number: number): void {
    if (index >= this.numbers.length) this.grow(index)
    this.numbers[index] = number
  }

  private grow(index: number): void {
    const former = this.numbers
    this.numbers = new Float64Array(Math.max(former.length * 2, index + 1)).fill(this.unset, former.length)
    this.numbers.set(former)
  }
}
