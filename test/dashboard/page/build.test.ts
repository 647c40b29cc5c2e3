import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BuiltFile,
  buildPage,
  mostScriptBytes,
  scriptBytes,
  sizesOf,
} from '../../../src/dashboard/build/build-page'
import { readPage, writePage } from '../../../src/dashboard/build/page-files'

describe('the built page', () => {
  let files: readonly BuiltFile[]
  beforeAll(async () => {
    files = await buildPage()
  })
  const textOf = (path: string) => Buffer.from(files.find(each => each.path === path)?.body ?? '').toString()

  it('loads what there is, and has nothing inline', () => {
    const document = textOf('/index.html')
    const loaded = [...document.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(match => match[1])
    expect(loaded.length).toBeGreaterThanOrEqual(4)
    for (const path of loaded) expect(files.map(each => each.path)).toContain(path)
    expect(document).not.toMatch(/<style|style=| on\w+=|<script>|data:/)
  })

  it('asks for all modules of a view with those of the page, so that none waits for another', () => {
    const document = textOf('/index.html')
    const early = textOf(/src="(\/assets\/early-[^"]+)"/.exec(document)?.[1] ?? '')
    const others = (path: string) =>
      [...textOf(path).matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)].map(match => match[1])
    const page = /type="module" src="([^"]+)"/.exec(document)?.[1] ?? ''
    expect(others(page).length).toBeGreaterThan(0)
    for (const name of others(page)) expect(document).toContain(`<link rel="modulepreload" href="/assets/${name}">`)
    const views = files.map(({ path }) => path).filter(path => /-page-[A-Z0-9]{8}\.js$/.test(path))
    expect(views.length).toBeGreaterThan(9)
    for (const path of views) {
      const modules = [path.slice('/assets/'.length), ...others(path)].filter(name => !others(page).includes(name))
      for (const name of modules) expect(early).toContain(`"${name?.slice(0, -'.js'.length)}"`)
    }
  })

  it('has names that say what is in them', () => {
    const others = files.filter(({ path }) => path.startsWith('/assets/'))
    expect(others.length).toBeGreaterThan(3)
    for (const { path } of others) expect(path).toMatch(/^\/assets\/[a-z-]+-[A-Z0-9]{8}\.(js|css)$/)
  })

  it('takes nothing from elsewhere', () => {
    for (const { path, body } of files) {
      const elsewhere =
        Buffer.from(body)
          .toString()
          .match(/https?:\/\/(?!www\.w3\.org\/)[^\s"'`)]+/g) ?? []
      expect({ path, elsewhere }).toEqual({ path, elsewhere: [] })
    }
  })

  it('is no more than 60 kB of scripts', () => {
    const bytes = scriptBytes(sizesOf(files))
    expect(bytes).toBeGreaterThan(5000)
    expect(bytes).toBeLessThanOrEqual(mostScriptBytes)
  })

  it('is read from a folder as it was written there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'weir-page-'))
    try {
      await writePage(files, folder)
      const read = await readPage(folder)
      const byPath = (of: readonly BuiltFile[]) =>
        Object.fromEntries(of.map(each => [each.path, Buffer.from(each.body)]))
      expect(byPath(read)).toEqual(byPath(files))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
