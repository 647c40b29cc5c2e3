import type { Page } from './pages'

/** The index of the documentation for language models (llmstxt.org): a title, a summary, and a link to each page. */
export function llmsIndex(pages: readonly Page[], summary: string): string {
  const links = pages.map(({ name, title }) => `- [${title}](markdown/${name}.md)`)
  return [
    '# weir',
    '',
    `> ${summary}`,
    '',
    '## Pages',
    '',
    ...links,
    '',
    '- [Everything in one file](llms-full.txt)',
    '',
  ].join('\n')
}

/** All pages in one text. */
export const llmsWhole = (pages: readonly Page[]): string =>
  pages.map(({ title, markdown }) => `# ${title}\n\n${markdown.trim()}\n`).join('\n')
