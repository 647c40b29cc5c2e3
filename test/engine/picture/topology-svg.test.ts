import { json, text, topology } from '../../../src'
import { svg } from '../../../src/engine/picture/topology-svg'

const serdes = { key: text, value: json<any>() }
const letter = 7.2
const [margin, padding, title, columnGap, rowGap, bandGap, height, storeHeight] = [16, 12, 26, 56, 14, 22, 28, 16]

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly rx: number
}
const number = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]+)"`).exec(tag)?.[1] ?? 0)
const boxOf = (tag: string): Box => ({
  ...{ x: number(tag, 'x'), y: number(tag, 'y'), width: number(tag, 'width') },
  ...{ height: number(tag, 'height'), rx: number(tag, 'rx') },
})
/** The page, the bands, and the boxes by the words in them. */
function read(picture: string) {
  const [page, ...rest] = [...picture.matchAll(/<rect [^>]*>(?:<text [^>]*>[^<]*)?/g)].map(([tag]) => tag)
  const words = (tag: string) => />([^<>]*)$/.exec(tag)![1]!
  const isBand = (tag: string) => words(tag).startsWith('Sub-topology')
  const boxes = new Map(rest.filter(tag => !isBand(tag)).map(tag => [words(tag), boxOf(tag)]))
  return {
    page: boxOf(page!),
    bands: rest.filter(isBand).map(boxOf),
    boxes,
    box: (name: string) => boxes.get(name)!,
    arrows: [...picture.matchAll(/<path d="M(\S+) (\S+)C(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)"/g)].map(([, ...all]) =>
      all.map(Number),
    ),
  }
}
const round = (value: number) => Math.round(value * 10) / 10

const drawn = svg(
  topology('chain', s => {
    const a = s.stream('in', { ...serdes, name: 'read' })
    a.filter(() => true, { name: 'first' }).to('out', { ...serdes, name: 'w' })
    a.groupByKey().count({ name: 'counts' })
  }),
)
const chain = read(drawn)

test('boxes stand in columns, each as wide as its longest words, with even gaps between', () => {
  const xs = [...new Set([...chain.boxes.values()].map(({ x }) => x))]
  const widths = xs.map(x => [...chain.boxes.values()].filter(box => box.x === x).map(({ width }) => width))
  for (const each of widths) expect(new Set(each).size).toBe(1)
  expect(xs[0]).toBe(margin + padding)
  for (const [i, x] of xs.slice(1).entries()) expect(x).toBeCloseTo(xs[i]! + widths[i]![0]! + columnGap, 0)
  // The words of a store are longer than its step's.
  expect(chain.box('counts').width).toBe(round('store counts'.length * letter + 2 * padding))
  expect(chain.box('w').width).toBe(round('w'.length * letter + 2 * padding))
})

test('boxes stand one below the other, a store makes its box higher', () => {
  const [first, counts] = [chain.box('first'), chain.box('counts')]
  expect(first).toMatchObject({ y: margin + title, height })
  expect(counts).toMatchObject({ y: margin + title + height + rowGap, height: height + storeHeight, x: first.x })
})

test('a topic is round, a step is not', () => {
  expect([chain.box('out').rx, chain.box('w').rx]).toEqual([14, 4])
})

test('the band is around its boxes and the page around the band', () => {
  const [band] = chain.bands
  const rightmost = Math.max(...[...chain.boxes.values()].map(({ x, width }) => x + width))
  expect(band).toMatchObject({ x: margin, y: margin })
  expect(band!.height).toBe(title + height + rowGap + height + storeHeight + rowGap)
  expect(chain.page).toMatchObject({ x: 0, y: 0, width: Math.ceil(rightmost + padding + margin) })
  expect(band!.width).toBe(chain.page.width - 2 * margin)
  expect(chain.page.height).toBe(margin + band!.height + margin)
})

test('an arrow leads from the middle of the right side to the middle of the left one, level at both ends', () => {
  const [first, w] = [chain.box('first'), chain.box('w')]
  const [x1, y1] = [first.x + first.width, first.y + height / 2]
  const bend = (w.x - x1) / 2
  const found = chain.arrows.find(([x, y, , , , , toX]) => x === round(x1) && y === y1 && toX === w.x)!
  expect(found[7]).toBe(w.y + height / 2)
  expect([found[3], found[5]]).toEqual([y1, w.y + height / 2])
  expect(found[2]! - found[0]!).toBeCloseTo(Math.max(30, bend), 0)
  expect(found[6]! - found[4]!).toBeCloseTo(Math.max(30, bend), 0)
  // in → its step → first → w → out, and the step → counts.
  expect(chain.arrows.length).toBe(5)
})

test('words stand in the middle of their boxes, those of a store below those of its step', () => {
  const words = (text: string) => {
    const [, x, y] = new RegExp(`<text x="([^"]+)" y="([^"]+)" text-anchor="middle"[^>]*>${text}<`).exec(drawn)!
    return [Number(x), Number(y)]
  }
  const [first, counts] = [chain.box('first'), chain.box('counts')]
  expect(words('first')).toEqual([round(first.x + first.width / 2), first.y + 18])
  expect(words('counts')).toEqual([round(counts.x + counts.width / 2), counts.y + 18])
  expect(words('store counts')).toEqual([round(counts.x + counts.width / 2), counts.y + 34])
  expect(drawn.match(/>store /g)!.length).toBe(1)
  expect(drawn).not.toContain('></text>')
  expect(drawn).toContain(`<text x="${margin + padding}" y="${margin + 17}" fill="#667">Sub-topology 0</text>`)
})

test('topics and ends have a look of their own', () => {
  const look = (text: string) =>
    new RegExp(`fill="([^"]+)" stroke="([^"]+)"/><text [^>]*>${text}<`).exec(drawn)!.slice(1)
  expect(look('in')).toEqual(look('out'))
  expect(look('first')).toEqual(look('counts'))
  for (const i of [0, 1]) expect(look('in')[i]).not.toBe(look('first')[i])
})

test('an arrow over several columns bends half of its way', () => {
  const { box, arrows } = read(
    svg(
      topology('ways', s => {
        const a = s.stream('in', { ...serdes, name: 'read' })
        a.merge(
          a.filter(() => true, { name: 'between' }),
          { name: 'met' },
        )
      }),
    ),
  )
  const [from, to] = [box('read'), box('met')]
  const x = from.x + from.width
  const long = arrows.find(([x1, , , , , , x2]) => x1 === round(x) && x2 === to.x)!
  expect(long[2]! - long[0]!).toBeCloseTo((to.x - x) / 2, 0)
  expect(long[6]! - long[4]!).toBeCloseTo((to.x - x) / 2, 0)
})

test('bands stand one below the other, as wide as the widest needs', () => {
  const { bands, page, box } = read(
    svg(
      topology('two', s => {
        s.stream('a', serdes).to('b', { ...serdes, name: 'short' })
        s.stream('c', serdes)
          .filter(() => true, { name: 'a-longer-way' })
          .to('d', { ...serdes, name: 'long' })
      }),
    ),
  )
  expect(bands[1]!.y).toBe(bands[0]!.y + bands[0]!.height + bandGap)
  expect(bands[0]!.width).toBe(bands[1]!.width)
  expect([box('short').y, box('long').y]).toEqual(bands.map(({ y }) => y + title))
  expect(page.height).toBe(bands[1]!.y + bands[1]!.height + margin)
})

test('without parts there is an empty page', () => {
  const { page, bands } = read(svg(topology('tables', s => void s.globalTable('in', { ...serdes, name: 'all' }))))
  expect([page.width, bands]).toEqual([2 * margin, []])
})

test('a box stands right of all that lead to it, by the longest way', () => {
  const { box } = read(
    svg(
      topology('ways', s => {
        const a = s.stream('in', serdes)
        const long = a.filter(() => true, { name: 'one' }).filter(() => true, { name: 'two' })
        a.merge(long, { name: 'met' }).to('out', { ...serdes, name: 'w' })
      }),
    ),
  )
  const xs = ['one', 'two', 'met', 'w', 'out'].map(name => box(name).x)
  expect(xs).toEqual([...xs].sort((a, b) => a - b))
  expect(new Set(xs).size).toBe(5)
})

test('a circle begins at what is read, and ends', () => {
  const { box } = read(
    svg(
      topology('circle', s => {
        s.stream('round', { ...serdes, name: 'read' })
          .filter(() => false, { name: 'seldom' })
          .to('round', { ...serdes, name: 'w' })
      }),
    ),
  )
  const xs = ['round', 'read', 'seldom', 'w'].map(name => box(name).x)
  expect(xs).toEqual([...new Set(xs)].sort((a, b) => a - b))
})

test('words are escaped wherever they stand', () => {
  const picture = svg(topology('plain', s => s.stream('in', serdes).to('out', { ...serdes, name: '<"&">' })))
  expect(picture).toContain('>&lt;&quot;&amp;&quot;&gt;</text>')
  expect(picture).toContain('<title>plain</title>')
})
