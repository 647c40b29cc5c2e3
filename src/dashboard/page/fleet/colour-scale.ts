/** Cividis (Nuñez, Anderton, Renslow, 2018): looks the same to colour-blind eyes, and grows lighter evenly. Ten of its colours; those between are mixed. */
const cividis = [
  '#00224e',
  '#083370',
  '#35456c',
  '#4f576c',
  '#666970',
  '#7d7c78',
  '#948e77',
  '#aea371',
  '#c8b866',
  '#fee838',
]
const shades = 64

const channels = (hex: string) => [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16))

function mixed(share: number): string {
  const at = share * (cividis.length - 1)
  const below = Math.min(cividis.length - 2, Math.floor(at))
  const [from, to] = [channels(cividis[below] ?? '#000000'), channels(cividis[below + 1] ?? '#000000')]
  return `rgb(${from.map((each, i) => Math.round(each + ((to[i] ?? 0) - each) * (at - below))).join(' ')})`
}

/** Of the lowest figure to the highest. */
export const palette: readonly string[] = Array.from({ length: shades }, (_, i) => mixed(i / (shades - 1)))

/** The figures that the ends of the palette stand for. */
export interface Domain {
  readonly low: number
  readonly high: number
}

/** Which of the palette's colours a figure has; -1 for none. */
export function shadeOf(value: number, { low, high }: Domain): number {
  if (Number.isNaN(value)) return -1
  if (high <= low) return shades >> 1
  return Math.max(0, Math.min(shades - 1, Math.round(((value - low) / (high - low)) * (shades - 1))))
}

/** Where most figures lie, at round ends: single ones far out would make all others look alike. */
export function domainOf(values: Float32Array): Domain | undefined {
  const some = Array.from(values.filter(Number.isFinite))
  if (some.length === 0) return undefined
  some.sort((a, b) => a - b)
  const at = (share: number) => some[Math.round(share * (some.length - 1))] ?? 0
  const [low, high] = [at(0.02), at(0.98)]
  if (low === high) return { low, high }
  const step = 10 ** Math.floor(Math.log10((high - low) / 4))
  return { low: round(Math.floor(low / step) * step), high: round(Math.ceil(high / step) * step) }
}

const round = (value: number) => Number(value.toPrecision(12))

/** A domain stays while figures stay about in it, so that colours don't change for nothing. */
export function steadyDomain(before: Domain | undefined, now: Domain | undefined): Domain | undefined {
  if (before === undefined || now === undefined) return now ?? before
  const size = before.high - before.low
  const fits =
    now.low >= before.low - size * 0.1 && now.high <= before.high + size * 0.1 && now.high - now.low > size * 0.5
  return fits ? before : now
}
