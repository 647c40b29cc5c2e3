/**
 * The text of each field of a JSON object, as it stands in `text`, which JSON.parse has taken: numbers keep all their digits.
 * Of a name that is there twice the last one counts, as for JSON.parse.
 */
export function fieldSources(text: string): Map<string, string> {
  const found = new Map<string, string>()
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at)
    const name = JSON.parse(text.slice(at, nameEnd)) as string
    const start = skipSpace(text, text.indexOf(':', nameEnd) + 1)
    const end = endOfValue(text, start)
    found.set(name, text.slice(start, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return found
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** Behind the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') at = endOfString(text, at) - 1
    else if (letter === '{' || letter === '[') depth++
    else if (letter === '}' || letter === ']') {
      if (depth === 0) return trimEnd(text, at)
      depth--
    } else if (letter === ',' && depth === 0) return trimEnd(text, at)
  }
  return text.length
}

function trimEnd(text: string, end: number): number {
  let at = end
  while (text.charCodeAt(at - 1) <= 0x20) at--
  return at
}
