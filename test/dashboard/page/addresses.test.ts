import { pathTo, routeOf } from '../../../src/dashboard/page/lib/routes'
import { rangeMs, timeOf } from '../../../src/dashboard/page/lib/time-range'
import { parseQuery, queryText, urlOf, withChanges } from '../../../src/dashboard/page/lib/url-state'
import { shortcutOf } from '../../../src/dashboard/page/shell/shortcuts'

const awkward = ['a/b', '100%', 'حسگر', '<script>', 'a b?c#d&e=f']

describe('routes', () => {
  it.each([
    ['/', 'overview', {}],
    ['/topology/sensors', 'topology', { application: 'sensors' }],
    ['/topology/sensors/average', 'topology', { application: 'sensors', node: 'average' }],
    ['/topics', 'topics', {}],
    ['/topics/sensor_data/messages', 'topic', { topic: 'sensor_data', tab: 'messages' }],
    ['/dead-letters', 'dead-letters', {}],
  ])('%s is %s', (path, name, params) => expect(routeOf(path)).toEqual({ name, params }))

  it.each(['/nowhere', '/topology', '/topics/a/b/c', '/brokers/1'])('%s is nowhere', path =>
    expect(routeOf(path)).toBeUndefined(),
  )

  it.each(awkward)('lead to a topic called %s and back', topic => {
    const path = pathTo('topic', { topic, tab: 'messages' })
    expect(new URL(path, 'http://weir').pathname).toBe(path)
    expect(routeOf(path)).toEqual({ name: 'topic', params: { topic, tab: 'messages' } })
  })

  it('take a stray % as it is', () => expect(routeOf('/topics/100%')?.params.topic).toBe('100%'))
  it('need their names', () => expect(() => pathTo('topic')).toThrow('the path of topic needs topic'))
})

describe('the query', () => {
  it('changes some values and leaves the others, in order', () => {
    const query = parseQuery('?sort=lag&from=-1h')
    expect(withChanges(query, { sort: undefined, search: 'a&b', from: '-5m' })).toEqual({ from: '-5m', search: 'a&b' })
    expect(queryText(withChanges(query, { search: 'a&b' }))).toBe('?from=-1h&search=a%26b&sort=lag')
    expect(queryText({})).toBe('')
  })

  it.each(awkward)('brings %s back', text => expect(parseQuery(queryText({ text }))).toEqual({ text }))
})

describe('a call', () => {
  it('has its names and values encoded and leaves out what is not given', () => {
    const params = { topic: 'a/b', partition: 0, offset: 7 }
    const query = { search: 'x y', empty: '', none: undefined, internal: false }
    expect(urlOf('/api/topics/:topic/messages/:partition/:offset', params, query)).toBe(
      '/api/topics/a%2Fb/messages/0/7?search=x+y&internal=false',
    )
  })
})

describe('times', () => {
  const now = 1_800_000_000_000
  it('are before now, Unix ms or dates', () => {
    expect(timeOf('-10m', now)).toBe(now - 600_000)
    expect(timeOf('1790000000000', now)).toBe(1_790_000_000_000)
    expect(timeOf('2026-11-22T15:00:00Z', now)).toBe(Date.UTC(2026, 10, 22, 15))
    expect(timeOf('yesterday', now)).toBeUndefined()
  })
  it('make a range, the last hour where it is none', () => {
    expect(rangeMs({ from: '-5m', to: '' }, now)).toEqual({ fromMs: now - 300_000, toMs: now })
    expect(rangeMs({ from: '', to: '' }, now)).toEqual({ fromMs: now - 3_600_000, toMs: now })
    expect(rangeMs({ from: '1790000000000', to: '1780000000000' }, now).toMs).toBe(1_780_000_000_000)
  })
})

describe('keys', () => {
  it('are one, or two soon after another', () => {
    expect(shortcutOf('?', { key: '', agoMs: 0 })?.keys).toBe('?')
    expect(shortcutOf('t', { key: 'g', agoMs: 400 })?.goes).toBe('topics')
    expect(shortcutOf('t', { key: 'g', agoMs: 5000 })?.goes).toBeUndefined()
    expect(shortcutOf('g', { key: '', agoMs: 0 })).toBeUndefined()
  })
})
