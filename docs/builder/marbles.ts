/** A record as an example's line has it: `topic key value @timestamp`. */
interface Mark {
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly timestamp: string
  readonly isResult: boolean
  /** Which input line it belongs to: records of one column stand below each other. */
  readonly column: number
}

const line =
  /^(?<result> {2}→ )?(?<topic>\S+) (?<key>.+?) (?<value>\{.*\}|\[.*\]|"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null|\S+) @(?<timestamp>-?\d+)$/

/** The records of an example's lines; what is no record (`crash`, `advance 10`) is a column of its own without one. */
function marksOf(lines: readonly string[]): { marks: Mark[]; columns: string[] } {
  const marks: Mark[] = []
  const columns: string[] = []
  for (const text of lines) {
    const found = line.exec(text)?.groups
    const isResult = text.startsWith('  → ')
    if (!isResult) columns.push(found === undefined ? text : `@${found.timestamp}`)
    if (found === undefined) continue
    const { topic = '', key = '', value = '', timestamp = '' } = found
    marks.push({ topic, key, value, timestamp, isResult, column: Math.max(0, columns.length - 1) })
  }
  return { marks, columns }
}

const width = 620
const left = 130
const rowHeight = 44
const radius = 15
const hues = ['#2f6fde', '#c2571a', '#2c8a4b', '#8a4bc2', '#b3264d', '#557a95']

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** What stands in a marble: a number or a word as it is, of an object its last plain figure. */
function label(value: string): string {
  if (value === 'null') return '∅'
  const figures = [...value.matchAll(/:\s*("[^"]*"|-?[\d.]+|true|false|null)/g)].map(([, text = '']) => text)
  const shown = value.startsWith('{') ? (figures.at(-1) ?? '…') : value
  return short(shown.replaceAll('"', ''), 5)
}

const style = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .quiet { fill: #57606a } .line { stroke: #8c959f } .box { fill: #f6f8fa; stroke: #8c959f } .in { fill: #fff; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9aa4af } .line { stroke: #6e7681 } .box { fill: #161b22; stroke: #6e7681 } .in { fill: #fff }
  }`

/**
 * An example as a marble diagram (as ReactiveX draws its operators): a line a topic, inputs above the step and results below it, one column
 * for each line that came in, one colour a key. SVG; undefined where the lines have no record.
 */
export function marbles(title: string, lines: readonly string[]): string | undefined {
  const { marks, columns } = marksOf(lines)
  if (marks.length === 0) return undefined
  const topics = (isResult: boolean) => [
    ...new Set(marks.filter(mark => mark.isResult === isResult).map(({ topic }) => topic)),
  ]
  const [inputs, results] = [topics(false), topics(true)]
  // A window's or a pair's key has its first word's colour.
  const hueOf = ({ key }: Mark) => key.split(/[ @]/)[0] as string
  const keys = [...new Set(marks.map(hueOf))]
  const boxY = 26 + inputs.length * rowHeight
  const yOf = ({ topic, isResult }: Pick<Mark, 'topic' | 'isResult'>) =>
    isResult ? boxY + 62 + results.indexOf(topic) * rowHeight : 34 + inputs.indexOf(topic) * rowHeight
  const step = (width - left - 60) / Math.max(1, columns.length)
  const placed = new Map<string, number>()
  const xOf = (mark: Mark) => {
    const place = `${mark.isResult} ${mark.topic} ${mark.column}`
    const nth = placed.get(place) ?? 0
    placed.set(place, nth + 1)
    return left + step * (mark.column + 0.5) + nth * Math.min(34, step / 2)
  }
  const row = (topic: string, isResult: boolean) => {
    const y = yOf({ topic, isResult })
    return `<text x="8" y="${y + 4}">${escaped(short(topic, 17))}</text><line class="line" x1="${left - 10}" y1="${y}" x2="${width - 16}" y2="${y}" marker-end="url(#end)"/>`
  }
  const marble = (mark: Mark) => {
    const [x, y] = [xOf(mark), yOf(mark)]
    const about = `${mark.topic} ${mark.key} ${mark.value} @${mark.timestamp}`
    return `<g><title>${escaped(about)}</title><circle cx="${x}" cy="${y}" r="${radius}" fill="${hues[keys.indexOf(hueOf(mark)) % hues.length]}"/><text class="in" x="${x}" y="${y + 4}" text-anchor="middle">${escaped(label(mark.value))}</text></g>`
  }
  const height = boxY + 60 + Math.max(1, results.length) * rowHeight + 12
  const legend = keys.map(
    (key, i) => `<tspan fill="${hues[i % hues.length]}" dx="${i === 0 ? 0 : 10}">● ${escaped(short(key, 14))}</tspan>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="line" fill="none" d="M0 0 L8 4 L0 8"/></marker></defs>',
    ...columns.map(
      (text, i) =>
        `<text class="quiet" x="${left + step * (i + 0.5)}" y="14" text-anchor="middle">${escaped(short(text, 12))}</text>`,
    ),
    ...inputs.map(topic => row(topic, false)),
    `<rect class="box" x="${left - 20}" y="${boxY}" width="${width - left}" height="32" rx="6"/><text x="${left + (width - left) / 2 - 20}" y="${boxY + 20}" text-anchor="middle">${escaped(title)}</text>`,
    ...results.map(topic => row(topic, true)),
    ...marks.map(marble),
    `<text x="8" y="${height - 8}">${legend.join('')}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
