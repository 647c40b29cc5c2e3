/**
 * JSON over several lines, two spaces a level; any other text as it is. It only moves white space: a number of twenty digits stays what it is, which parsing and
 * writing it again would not leave so. Lists and objects of at most `oneLine`
 * letters stay on one line.
 */
export function prettyJson(text: string, oneLine = 60): string {
  const start = text.trimStart()[0]
  if (start !== '{' && start !== '[') return text
  const tokens = text.match(token) ?? []
  if (depthOf(tokens) > deepest) return text
  const { text: shown, next } = laid(tokens, 0, oneLine)
  // Text behind the value's end makes it no JSON, and none of it may be lost.
  return next < tokens.length ? text : shown
}

/** Deeper than anybody's data, and far from what the browser's stack takes. */
const deepest = 200

function depthOf(tokens: readonly string[]): number {
  let [depth, most] = [0, 0]
  for (const each of tokens) {
    if (each === '{' || each === '[') most = Math.max(most, ++depth)
    else if (each === '}' || each === ']') depth--
  }
  return most
}

const token = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g

function laid(tokens: readonly string[], from: number, oneLine: number): { text: string; next: number } {
  const first = tokens[from] ?? ''
  if (first !== '{' && first !== '[') return { text: first, next: from + 1 }
  const close = first === '{' ? '}' : ']'
  const items: string[] = []
  let [at, item] = [from + 1, '']
  while (at < tokens.length && tokens[at] !== close) {
    const each = tokens[at] ?? ''
    if (each === ',') {
      items.push(item)
      item = ''
      at++
    } else if (each === ':') {
      item += ': '
      at++
    } else {
      const inner = laid(tokens, at, oneLine)
      item += inner.text
      at = inner.next
    }
  }
  if (item !== '') items.push(item)
  // What was cut before its end has no closing bracket.
  return { text: joined(first, items, tokens[at] ?? '', oneLine), next: at + 1 }
}

function joined(open: string, items: readonly string[], close: string, oneLine: number): string {
  if (items.length === 0) return open + close
  const short = items.join(', ')
  if (short.length <= oneLine && !short.includes('\n')) {
    const room = open === '{' ? ' ' : ''
    return `${open}${room}${short}${close === '' ? '' : room + close}`
  }
  const inner = items.map(each => `  ${each.replace(/\n/g, '\n  ')}`).join(',\n')
  return `${open}\n${inner}\n${close}`
}
