const special = /null/

/**
 * State as JSON text: doubles round-trip exactly. What JSON would turn into null without a word (NaN, the infinities)
 * is written as a tagged object.
 */
export function stateText(value: unknown): string {
  const text = JSON.stringify(value)
  return special.test(text) ? JSON.stringify(value, tag) : text
}

export function parseState(text: string): unknown {
  return text.includes('"$number"') ? JSON.parse(text, untag) : JSON.parse(text)
}

function tag(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value
}

function untag(_name: string, value: any): unknown {
  return value !== null && typeof value === 'object' && typeof value.$number === 'string'
    ? Number(value.$number)
    : value
}
