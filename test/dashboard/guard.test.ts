import { ProblemError } from '../../src/dashboard/server/problems'
import { Guard, isLoopback } from '../../src/dashboard/server/web/guard'

const token = 'a-token-of-more-than-16'
const request = (headers: Record<string, string>, url = '/api/topics', method = 'GET') => ({ headers, url, method })

/** The problem's code, or `in`. */
function told(guard: Guard, given: ReturnType<typeof request>): string {
  try {
    guard.check(given)
    return 'in'
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code
    throw error
  }
}

describe('on this machine', () => {
  const guard = new Guard({ token: undefined })

  it.each([
    ['127.0.0.1:4800', 'in'],
    ['localhost:4800', 'in'],
    ['LOCALHOST', 'in'],
    ['[::1]:4800', 'in'],
    // A name elsewhere that points here: DNS rebinding.
    ['evil.example:4800', 'forbidden'],
    ['127.0.0.1.evil.example', 'forbidden'],
    ['localhost.evil.example', 'forbidden'],
    ['', 'forbidden'],
  ])('the name %s is %s', (host, expected) => {
    expect(told(guard, request({ host }))).toBe(expected)
  })

  it.each([
    ['the page itself', { origin: 'http://localhost:4800', 'sec-fetch-site': 'same-origin' }, 'in'],
    ['a page elsewhere', { origin: 'http://evil.example' }, 'forbidden'],
    ['another port of this machine', { origin: 'http://localhost:3000' }, 'forbidden'],
    ['a sandboxed frame', { origin: 'null' }, 'forbidden'],
    ['an image elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'forbidden'],
    ['an address that was typed', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 'in'],
    ['a link elsewhere to the API', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'forbidden'],
    ['curl', {}, 'in'],
  ])('%s', (_, headers, expected) => {
    expect(told(guard, request({ host: 'localhost:4800', ...headers }))).toBe(expected)
  })

  it('lets a link elsewhere open the page', () => {
    const headers = { host: 'localhost:4800', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect(told(guard, request(headers, '/topics/orders'))).toBe('in')
    expect(told(guard, request(headers, '/topics/orders', 'POST'))).toBe('forbidden')
  })
})

describe('with a token', () => {
  const guard = new Guard({ token })
  const host = 'dashboard.example'

  it('needs it in every request, by header or cookie', () => {
    expect(told(guard, request({ host }))).toBe('unauthorized')
    expect(told(guard, request({ host, authorization: `Bearer ${token}` }))).toBe('in')
    expect(told(guard, request({ host, authorization: 'Bearer a-token-of-more-than-17' }))).toBe('unauthorized')
    expect(told(guard, request({ host, authorization: token }))).toBe('unauthorized')
  })

  it('gives a cookie that is not the token, for the right one alone', () => {
    const cookie = guard.welcome(request({ host }, `/?token=${token}`)) ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    expect(cookie).not.toContain(token)
    expect(told(guard, request({ host, cookie: `other=1; ${cookie.split(';')[0]}` }))).toBe('in')
    expect(told(guard, request({ host, cookie: `${cookie.split(';')[0]}x` }))).toBe('unauthorized')
    expect(guard.welcome(request({ host }, '/?token=wrong'))).toBeUndefined()
    expect(guard.welcome(request({ host }, '/'))).toBeUndefined()
  })

  it('gives another cookie for another token', () => {
    const other = new Guard({ token: `${token}2` })
    const cookie = other.welcome(request({ host }, `/?token=${token}2`))?.split(';')[0] ?? ''
    expect(told(guard, request({ host, cookie }))).toBe('unauthorized')
  })
})

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.7', false],
  ['127.evil.example', false],
])('%s is reached by this machine alone: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
