import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { PageFiles } from '../../src/dashboard/server/web/page-files'

const script = `console.log(${JSON.stringify('a'.repeat(5_000))})`
const files = PageFiles.of([
  { path: '/index.html', body: Buffer.from('<!doctype html><title>weir</title>') },
  { path: '/assets/page-3F2A91BC.js', body: Buffer.from(script) },
  { path: '/assets/dot.png', body: Buffer.from([1, 2, 3]) },
])

it('gives what the browser can read, the smallest first', async () => {
  const page = await files
  const br = page.find('/assets/page-3F2A91BC.js', 'gzip, deflate, br')
  expect(br?.headers).toMatchObject({ 'content-encoding': 'br', 'content-type': 'text/javascript; charset=utf-8' })
  expect(brotliDecompressSync(br?.body ?? '').toString()).toBe(script)
  const gz = page.find('/assets/page-3F2A91BC.js', 'gzip;q=0.5, br;q=0')
  expect(gunzipSync(gz?.body ?? '').toString()).toBe(script)
  const plain = page.find('/assets/page-3F2A91BC.js')
  expect(plain?.body?.toString()).toBe(script)
  expect(plain?.headers['content-encoding']).toBeUndefined()
  expect(page.find('/assets/dot.png', 'br')?.headers['content-encoding']).toBeUndefined()
})

it('lets names that say what is in them be kept for ever, and asks for all others anew', async () => {
  const page = await files
  expect(page.find('/assets/page-3F2A91BC.js')?.headers['cache-control']).toContain('immutable')
  const index = page.find('/')
  expect(index?.headers['cache-control']).toBe('no-cache')
  expect(page.find('/', '', index?.headers.etag)?.body).toBeUndefined()
})

it('shows the page for its own addresses, and nothing for a file that is not there', async () => {
  const page = await files
  const index = page.find('/index.html')?.body
  expect(page.find('/topics/orders')?.body).toEqual(index)
  expect(page.find('/assets/page-00000000.js')).toBeUndefined()
})

it.each([
  '/../package.json',
  '/assets/../../package.json',
  '/%2e%2e/package.json',
  '//etc/hosts.txt',
  '/assets/..\\x.js',
])('has nothing at %s', async path => {
  expect((await files).find(path)).toBeUndefined()
})
