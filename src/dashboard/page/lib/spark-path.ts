const round = (value: number) => Math.round(value * 100) / 100

/** The points of each unbroken stretch of values. */
function stretches(values: readonly (number | null)[], width: number, height: number): [number, number][][] {
  const most = Math.max(0, ...values.map(value => value ?? 0))
  const step = width / Math.max(1, values.length - 1)
  const found: [number, number][][] = [[]]
  for (const [at, value] of values.entries()) {
    if (value === null) found.push([])
    else found.at(-1)?.push([round(at * step), round(most === 0 ? height : height - (value / most) * height)])
  }
  return found.filter(points => points.length > 0)
}

const lineThrough = (points: readonly [number, number][]) => points.map(([x, y]) => `${x} ${y}`).join('L')

/** An SVG path through the values, from nought at the bottom to the largest at the top; holes stay holes. */
export function pathOf(values: readonly (number | null)[], width: number, height: number): string {
  return stretches(values, width, height)
    .map(points => `M${lineThrough(points)}`)
    .join('')
}

/** The area below the same line. */
export function areaOf(values: readonly (number | null)[], width: number, height: number): string {
  return stretches(values, width, height)
    .map(points => `M${points[0]?.[0]} ${height}L${lineThrough(points)}L${points.at(-1)?.[0]} ${height}Z`)
    .join('')
}
