import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { marbles } from './marbles'

/** One page of the site, as Markdown. */
export interface Page {
  /** Its file in the site's source folder, without `.md`. */
  readonly name: string
  readonly title: string
  readonly markdown: string
  /** Where its relative links start, from the checkout's root. */
  readonly from: string
}

const nameOf = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')

/** Cuts a text at its headings of one level; what is before the first has no title. */
function sections(markdown: string, level: number): { title: string; text: string }[] {
  const heading = new RegExp(`^#{${level}} (.*)$`)
  const found = [{ title: '', text: '' }]
  let isCode = false
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const title = isCode ? undefined : heading.exec(line)?.[1]
    if (title !== undefined) found.push({ title, text: '' })
    else (found.at(-1) as { text: string }).text += `${line}\n`
  }
  return found
}

const lift = (text: string, by: number) =>
  text.replaceAll(/^(#+) /gm, (_, marks: string) => `${marks.slice(Math.min(by, marks.length - 1))} `)

const example = /^(```ts\n[\s\S]*?^```\n)```text\n([\s\S]*?)^```$/gm

/** Each example gets its picture, drawn from the lines that a test runs. */
function illustrated(name: string, text: string, draw: (file: string, svg: string) => void): string {
  let nth = 0
  return text.replaceAll(example, (whole, code: string, lines: string, at: number) => {
    const title = [...text.slice(0, at).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? name
    const svg = marbles(title, lines.trimEnd().split('\n'))
    if (svg === undefined) return whole
    const file = `${name}-${++nth}.svg`
    draw(file, svg)
    return `${code}\n![${title}: what comes in and what goes out](pictures/${file})\n\n\`\`\`text\n${lines}\`\`\``
  })
}

/** The guide in pages: the beginning of the long one, each group of operations, and each chapter behind them. */
export function guidePages(root: string, draw: (file: string, svg: string) => void): Page[] {
  const from = 'topology'
  const whole = readFileSync(join(root, from, 'README.md'), 'utf8').replaceAll("'../src/index'", "'weir-streams'")
  const [start, ...chapters] = sections(whole.replace(/^# .*\n/, ''), 2)
  const page = (title: string, text: string): Page => {
    const name = `guide-${nameOf(title)}`
    return { name, title, from, markdown: illustrated(name, text, draw) }
  }
  return [
    page('Writing a topology', start?.text ?? ''),
    ...chapters.flatMap(({ title, text }) => {
      const [intro, ...groups] = sections(text, 3)
      if (groups.length === 0) return [page(title, text)]
      return [page(title, intro?.text ?? ''), ...groups.map(group => page(group.title, lift(group.text, 2)))]
    }),
  ]
}

/** A page that stands in the checkout as it is. */
export function pageOf(root: string, file: string, name: string, title: string): Page {
  const markdown = readFileSync(join(root, file), 'utf8').replace(/^# .*\n/, '')
  return { name, title, markdown, from: dirname(file) }
}

/** Links of a page, as they are from the site's source folder: to another page of the site, or into the checkout. */
function relinked({ markdown, from }: Page, folder: string, root: string, pages: ReadonlyMap<string, string>): string {
  return markdown.replaceAll(
    /\]\((?!https?:|#|pictures\/)([^)#\s]+)(#[^)\s]*)?\)/g,
    (_, target: string, anchor = '') => {
      const file = join(from, target)
      const page = pages.get(file)
      // A heading of the long guide may be on any of its pages.
      if (page !== undefined) return `](./${page}.md${file === 'topology/README.md' ? '' : anchor})`
      return `](${relative(folder, join(root, file))})`
    },
  )
}

/** Writes the pages into `folder`, in their order. `known`: files of the checkout that are pages, by their page's name. */
export function writePages(
  pages: readonly Page[],
  folder: string,
  root: string,
  known: ReadonlyMap<string, string>,
): string[] {
  mkdirSync(folder, { recursive: true })
  return pages.map(page => {
    const file = join(folder, `${page.name}.md`)
    writeFileSync(
      file,
      `---\ntitle: ${JSON.stringify(page.title)}\n---\n# ${page.title}\n\n${relinked(page, folder, root, known)}`,
    )
    return file
  })
}
