/** The application's CPU, µs: for each reading, and for each window that is closed. */
export interface Cost {
  readonly reading: number
  readonly window: number
}

export interface Observation {
  readonly windowsPerReading: number
  /** µs of CPU a reading. */
  readonly micros: number
}

/** Least squares of `micros = reading + window * windowsPerReading`; undefined where all have the same share of windows. */
export function fitCost(observed: readonly Observation[]): Cost | undefined {
  const n = observed.length
  if (n < 2) return undefined
  const meanX = observed.reduce((sum, { windowsPerReading }) => sum + windowsPerReading, 0) / n
  const meanY = observed.reduce((sum, { micros }) => sum + micros, 0) / n
  let [products, squares] = [0, 0]
  for (const { windowsPerReading, micros } of observed) {
    products += (windowsPerReading - meanX) * (micros - meanY)
    squares += (windowsPerReading - meanX) ** 2
  }
  if (squares === 0) return undefined
  const window = products / squares
  return { reading: meanY - window * meanX, window }
}
