import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { llmsIndex, llmsWhole } from '../../docs/builder/llms'
import { marbles } from '../../docs/builder/marbles'
import { guidePages } from '../../docs/builder/pages'
import { standing } from '../../docs/builder/standing'
import { examplesOf } from '../topology-examples'

const root = resolve(__dirname, '../..')

describe('a picture of an example', () => {
  const lines = ['orders a {"customer":"<ann>","total":20} @1', '  → windows a 0-10 1 @1', 'orders b null @2']
  const picture = marbles('tumbling', lines) as string
  const circles = [
    ...picture.matchAll(/<title>(.*?)<\/title><circle cx="([\d.]+)" cy="([\d.]+)" r="\d+" fill="(.*?)"/g),
  ]
  const texts = [...picture.matchAll(/class="in"[^>]*>([^<]*)</g)].map(([, text]) => text)

  test('has a marble for each record, with the whole record behind it', () =>
    expect(circles.map(([, title]) => title)).toEqual([
      'orders a {&quot;customer&quot;:&quot;&lt;ann>&quot;,&quot;total&quot;:20} @1',
      'windows a 0-10 1 @1',
      'orders b null @2',
    ]))

  test('shows the last figure of an object, a number as it is, and nothing of a null', () =>
    expect(texts).toEqual(['20', '1', '∅']))

  test('has one colour a key, windows of a key too', () => {
    const [first, result, other] = circles.map(([, , , , colour]) => colour)
    expect(result).toBe(first)
    expect(other).not.toBe(first)
  })

  test('stands below what caused it', () => {
    const [first, result, other] = circles.map(([, , x, y]) => ({ x: Number(x), y: Number(y) }))
    expect(result?.x).toBe(first?.x)
    expect(result?.y).toBeGreaterThan(first?.y ?? Number.NaN)
    expect(other?.x).toBeGreaterThan(first?.x ?? Number.NaN)
  })

  test('is none where there is no record', () => expect(marbles('nothing', ['a line'])).toBeUndefined())
})

describe('the guide in pages', () => {
  const drawn = new Map<string, string>()
  const pages = guidePages(root, (file, svg) => drawn.set(file, svg))
  const whole = readFileSync(join(root, 'topology/README.md'), 'utf8')

  test('has every example of the long one, once, each with a picture', () => {
    const examples = examplesOf(whole).filter(({ lines }) => lines !== undefined)
    expect(pages.flatMap(({ markdown }) => examplesOf(markdown)).length).toBeGreaterThanOrEqual(examples.length)
    expect(drawn.size).toBe(examples.length)
    const shown = pages.flatMap(({ markdown }) =>
      [...markdown.matchAll(/\(pictures\/([^)]+)\)/g)].map(([, file]) => file),
    )
    expect(shown.sort()).toEqual([...drawn.keys()].sort())
  })

  test('shows each record of an example', () => {
    for (const { markdown } of pages)
      for (const [, picture = '', text = ''] of markdown.matchAll(/\(pictures\/([^)]+)\)\n\n```text\n([\s\S]*?)```/g))
        expect([picture, drawn.get(picture)?.match(/<circle/g)?.length]).toEqual([
          picture,
          text.trimEnd().split('\n').length,
        ])
  })

  test('has names of their own, and no line of the long one is lost', () => {
    expect(new Set(pages.map(({ name }) => name)).size).toBe(pages.length)
    const text = llmsWhole(pages)
    const lost = whole.split('\n').filter(line => !/^#|'\.\.\/src\/index'/.test(line) && !text.includes(line))
    expect(lost).toEqual([])
  })

  test('is in the index for language models', () => {
    const index = llmsIndex(pages, 'a summary')
    for (const { name, title } of pages) expect(index).toContain(`- [${title}](markdown/${name}.md)`)
  })
})

test('every page of docs/, and what is said of security, is in the site', () => {
  const files = standing.map(([file]) => file as string)
  const written = readdirSync(join(root, 'docs')).filter(file => file.endsWith('.md'))
  expect(files).toEqual(expect.arrayContaining([...written.map(file => `docs/${file}`), 'SECURITY.md']))
  expect(new Set(standing.map(([, name]) => name)).size).toBe(standing.length)
})
