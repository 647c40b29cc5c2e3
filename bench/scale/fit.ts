/** Least squares of `y = sum of factors[i] * x[i]`; undefined where the observations don't tell the factors apart. */
export function leastSquares(observed: readonly { readonly x: readonly number[]; readonly y: number }[]) {
  const width = observed[0]?.x.length ?? 0
  const sum = (of: (each: { readonly x: readonly number[]; readonly y: number }) => number) =>
    observed.reduce((total, each) => total + of(each), 0)
  // The normal equations, each row with its right side.
  const rows = Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (_, j) => sum(({ x }) => x[i]! * x[j]!)),
    sum(({ x, y }) => x[i]! * y),
  ])
  for (let i = 0; i < width; i++) {
    const [pivot] = rows.slice(i).sort((a, b) => Math.abs(b[i]!) - Math.abs(a[i]!))
    if (pivot === undefined || Math.abs(pivot[i]!) < 1e-12) return undefined
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(i, 0, pivot)
    for (const [j, row] of rows.entries()) {
      if (j === i) continue
      const share = row[i]! / pivot[i]!
      for (let k = i; k <= width; k++) row[k]! -= share * pivot[k]!
    }
  }
  return width === 0 ? undefined : rows.map((row, i) => row[width]! / row[i]!)
}

/** The application's CPU while it drains a topic, µs: for each reading, and for each window that is closed. */
export interface DrainCost {
  readonly reading: number
  readonly window: number
}

/** CPU at a steady pace: cores that are used whatever comes, µs for each reading, and cores for each partition. */
export interface SteadyCost {
  readonly base: number
  readonly reading: number
  readonly partition: number
}

export function fitDrain(observed: readonly { windowsPerReading: number; micros: number }[]): DrainCost | undefined {
  const found = leastSquares(
    observed.map(({ windowsPerReading, micros }) => ({ x: [1, windowsPerReading], y: micros })),
  )
  return found && { reading: found[0]!, window: found[1]! }
}

export function fitSteady(
  observed: readonly { pace: number; partitions: number; cores: number }[],
): SteadyCost | undefined {
  const found = leastSquares(
    observed.map(({ pace, partitions, cores }) => ({ x: [1, pace / 1e6, partitions], y: cores })),
  )
  return found && { base: found[0]!, reading: found[1]!, partition: found[2]! }
}

export const drainMicros = ({ reading, window }: DrainCost, windowsPerReading: number): number =>
  reading + window * windowsPerReading

export const steadyCores = ({ base, reading, partition }: SteadyCost, pace: number, partitions: number): number =>
  base + (reading * pace) / 1e6 + partition * partitions
