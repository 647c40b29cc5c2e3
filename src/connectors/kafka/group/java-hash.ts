/** Java's `String.hashCode`, by which Kafka says who coordinates what. */
export function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash & 0x7fffffff
}
