import { dirname, join, normalize } from 'node:path'
import { files, text } from './imports'

/** A link of a page to a place in the repository: `[text](target)`, outside of code. */
export interface Link {
  readonly page: string
  readonly target: string
}

const withoutCode = (markdown: string) => markdown.replace(/^(```+)[\s\S]*?^\1/gm, '')

export function linksOf(page: string): Link[] {
  const found = [...withoutCode(text(page)).matchAll(/\]\(([^)\s]+)\)/g)]
  return found.flatMap(([, target = '']) => (/^[a-z]+:/.test(target) ? [] : [{ page, target }]))
}

/** Links of a page to a file, or to a heading, that isn't there. */
export function brokenLinks(page: string): string[] {
  return linksOf(page).flatMap(({ target }) => {
    const [path = '', heading] = target.split('#')
    const file = path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, '')
    if (!files.includes(file) && !files.some(each => each.startsWith(`${file}/`))) return [`${target}: no such file`]
    return heading === undefined || anchorsOf(file).includes(heading) ? [] : [`${target}: no such heading`]
  })
}

/** The headings of a page as GitHub names them in links. */
function anchorsOf(page: string): string[] {
  const headings = withoutCode(text(page)).matchAll(/^#{1,6} +(.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  )
}

/** Tests that a page names, as `[file](path) “name of the test”`, and that its file doesn't have. */
export function missingTests(page: string): string[] {
  return testsNamed(page).flatMap(({ path, name }) => {
    const file = normalize(join(dirname(page), path))
    return files.includes(file) && text(file).includes(name) ? [] : [`${path}: ${name}`]
  })
}

export const testsNamed = (page: string) =>
  [...text(page).matchAll(/\]\(([^)\s]+\.ts)\) “([^”]+)”/g)].map(([, path = '', name = '']) => ({ path, name }))

/** The ids of hostile cases that a page names in its tables and that no case has: `B7` means B7a and B7b too. */
export function missingCases(page: string): string[] {
  const cases = files.filter(path => path.startsWith('test/hostile/cases/')).map(text)
  const rows = text(page).match(/^\|.*\|$/gm) ?? []
  const named = rows.flatMap(
    row =>
      row
        .split('|')
        .at(-2)
        ?.match(/\b[ABCV]\d+[a-z]?\b/g) ?? [],
  )
  return [...new Set(named)].filter(id => !cases.some(each => new RegExp(`['\`]${id}(?!\\d)`).test(each)))
}
