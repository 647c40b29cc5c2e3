/** The key that chooses the partition: of a windowed key, the one in it. */
export function plainKey(key: unknown): unknown {
  const isWindowed = typeof key === 'object' && key !== null && 'window' in key && 'key' in key
  return isWindowed ? key.key : key
}
