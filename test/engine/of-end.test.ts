import { ofEnd, opening } from '../../src/engine/worker/of-end'
import { ContentError, StreamError, UnavailableError, UnfitError } from '../../src/errors'

describe('what an end answers', () => {
  it('is handed on', async () => {
    expect(await ofEnd('table', Promise.resolve(7))).toBe(7)
    expect(await opening('table', Promise.resolve(7))).toBe(7)
  })

  it('with an error that names no service is that end’s; another keeps the name that it has', async () => {
    const error = new StreamError('gone')
    await expect(ofEnd('table', Promise.reject(error))).rejects.toBe(error)
    expect(error.service).toBe('end table')
    const named = new StreamError('gone', { service: 'Postgres' })
    await expect(ofEnd('table', Promise.reject(named))).rejects.toBe(named)
    expect(named.service).toBe('Postgres')
    const foreign = new Error('gone')
    await expect(ofEnd('table', Promise.reject(foreign))).rejects.toBe(foreign)
    expect(foreign).not.toHaveProperty('service')
  })
})

describe('what an end refuses when it is opened', () => {
  it('is no record’s fault, and has to be mended', async () => {
    const cause = new Error('42703')
    const answer = opening('table', Promise.reject(new ContentError('a column is missing', { cause })))
    await expect(answer).rejects.toBeInstanceOf(UnfitError)
    await expect(answer).rejects.toMatchObject({ message: 'a column is missing', cause, service: 'end table' })
  })

  it('is as it was where it is anything else', async () => {
    const away = new UnavailableError('nobody there')
    await expect(opening('table', Promise.reject(away))).rejects.toBe(away)
    expect(away.service).toBe('end table')
  })
})
