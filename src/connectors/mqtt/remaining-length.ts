/** A packet's remaining length as its bytes, seven bits each, the lowest first (MQTT 3.1.1, 2.2.3). */
export function remainingLength(length: number): number[] {
  const bytes: number[] = []
  for (let rest = length; ; rest >>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}
