import { json, text, topology } from '../../src'
import { svg } from '../../src/engine/picture/topology-svg'

const serdes = { key: text, value: json<any>() }

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const number = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]+)"`).exec(tag)![1])
const rectangles = (picture: string): Rectangle[] =>
  [...picture.matchAll(/<rect [^>]*>/g)].map(([tag]) => ({
    ...{ x: tag.includes(' x=') ? number(tag, 'x') : 0, y: tag.includes(' y=') ? number(tag, 'y') : 0 },
    ...{ width: number(tag, 'width'), height: number(tag, 'height') },
  }))
const apart = (a: Rectangle, b: Rectangle) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
const within = (a: Rectangle, b: Rectangle) =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height

/** Two parts, a step with two ways on, a store, a name to escape, and a topic that is read and written. */
const built = topology('drawn', streams => {
  const orders = streams.stream('orders', serdes)
  orders.filter(() => true, { name: 'a & <b>' }).to('again', serdes)
  orders
    .selectKey((value: any) => String(value.id))
    .groupByKey()
    .count({ name: 'counts' })
    .toStream()
    .to('numbers', serdes)
  streams.stream('again', serdes).to('orders', serdes)
})

test('every step, topic and store is drawn once, none over another, all within their bands', () => {
  const picture = svg(built)
  for (const name of ['orders', 'again', 'numbers']) expect(picture.split(`>${name}</text>`).length).toBeGreaterThan(1)
  expect(picture).toContain('>a &amp; &lt;b&gt;</text>')
  expect(picture).toContain('>store counts</text>')
  const [page, ...rest] = rectangles(picture)
  const bands = [...picture.matchAll(/>Sub-topology \d+</g)].length
  const boxes = rest.slice(bands)
  expect(bands).toBeGreaterThan(1)
  for (const band of rest.slice(0, bands)) expect(within(band, page!)).toBe(true)
  for (const box of boxes) expect(rest.slice(0, bands).filter(band => within(box, band)).length).toBe(1)
  boxes.forEach((box, i) => {
    for (const other of boxes.slice(i + 1)) expect(apart(box, other)).toBe(true)
  })
})

test('a box has room for its name and for its stores, whichever is longer', () => {
  const picture = svg(
    topology('wide', streams => {
      const byKey = streams.stream('in', serdes).groupByKey()
      byKey.count({ name: 'a-store-with-a-name-that-is-long' })
      byKey.count({ name: 's' }).filter(() => true, { name: 'a-step-with-a-name-that-is-longer-than-its-store' })
    }),
  )
  const boxes = [...picture.matchAll(/<rect ([^>]*)\/>((?:<text [^>]*>[^<]*<\/text>)+)/g)]
  const narrow = boxes.flatMap(([, box, texts]) =>
    [...texts!.matchAll(/>([^<]+)</g)].filter(([, words]) => number(` ${box}`, 'width') < 7 * words!.length),
  )
  expect(boxes.length).toBeGreaterThan(4)
  expect(narrow).toEqual([])
})

test('opening and closing tags match', () => {
  const open: string[] = []
  for (const [, close, name, , alone] of svg(built).matchAll(/<(\/?)(\w+)([^>]*?)(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name)
    else if (!alone) open.push(name!)
  }
  expect(open).toEqual([])
})
