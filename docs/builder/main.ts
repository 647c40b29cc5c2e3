import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { llmsIndex, llmsWhole } from './llms'
import { guidePages, pageOf, writePages } from './pages'
import { standing } from './standing'

/**
 * `npm run docs`: the site, in docs/site/VERSION, with the pages of earlier versions left beside it; opens from files. Ends with exit code 1 where a
 * link leads nowhere.
 */
const root = resolve(__dirname, '../..')
const site = join(root, 'docs/site')
const work = join(root, '.weir/docs')
const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>

async function build(): Promise<boolean> {
  rmSync(work, { recursive: true, force: true })
  const pictures = join(work, 'pictures')
  mkdirSync(pictures, { recursive: true })
  const guide = guidePages(root, (file, svg) => writeFileSync(join(pictures, file), svg))
  const [tutorial, ...others] = standing.map(([file, name, title]) => pageOf(root, file, name, title))
  const pages = [...(tutorial ? [tutorial] : []), ...guide, ...others]
  const known = new Map<string, string>(standing.map(([file, name]) => [file, name]))
  known.set('topology/README.md', guide[0]?.name ?? '')
  const files = writePages(pages, work, root, known)
  const [readme = ''] = writePages([pageOf(root, 'README.md', 'readme', 'weir')], work, root, known)
  const { Application } = await import('typedoc')
  const app = await Application.bootstrap({
    name: 'weir',
    entryPoints: ['index', 'client', 'ends', 'testing/index'].map(door => join(root, `src/${door}.ts`)),
    tsconfig: join(root, 'tsconfig.json'),
    projectDocuments: files,
    readme,
    includeVersion: true,
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    sort: ['source-order'],
    navigationLinks: { Versions: '../index.html' },
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: false },
    skipErrorChecking: true,
  })
  const project = await app.convert()
  if (project === undefined) return false
  app.validate(project)
  const out = join(site, version ?? '')
  await app.generateDocs(project, out)
  cpSync(work, join(out, 'markdown'), { recursive: true })
  writeFileSync(join(out, 'llms.txt'), llmsIndex(pages, description ?? ''))
  writeFileSync(join(out, 'llms-full.txt'), llmsWhole(pages))
  writeFileSync(join(site, 'index.html'), versionsPage())
  return app.logger.errorCount === 0 && app.logger.warningCount === 0
}

/** The versions that stand beside each other, the newest first. */
function versionsPage(): string {
  const versions = readdirSync(site, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? [entry.name] : [],
  )
  const newest = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const links = newest.map(name => `<li><a href="${name}/index.html">${name}</a></li>`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>weir</title><h1>weir</h1><ul>${links.join('')}</ul></html>\n`
}

build().then(isGood => {
  process.exitCode = isGood ? 0 : 1
})
