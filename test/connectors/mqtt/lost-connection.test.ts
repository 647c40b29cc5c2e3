import type { Trial } from '../../../src/connectors/mqtt/idle-trial'
import { LostConnections, type LostLine } from '../../../src/connectors/mqtt/lost-connection'
import type { Ownership } from '../../../src/connectors/mqtt/owner-marks'
import { type Blame, refusalOf } from '../../../src/connectors/mqtt/reason-codes'
import { ContentError, FencedError, SinkError, UnfitError } from '../../../src/errors'

const url = 'mqtt://localhost:1883'
const codeOf: Readonly<Record<Blame, number>> = { content: 149, rights: 135, owner: 142, passing: 139, unclear: 128 }

describe('why an MQTT connection is lost', () => {
  let ownership: Ownership
  let trial: Trial
  let lost: LostConnections
  beforeEach(() => {
    ownership = { owner: 'ours', sinceMs: 0 }
    trial = 'stays'
    lost = new LostConnections({ url, task: '0_0', owner: async () => ownership, tryIdle: async () => trial })
  })

  const line = (more: Partial<LostLine> = {}): LostLine => ({
    ...{ goodbye: undefined, pending: true, openedAtMs: 10, firstUnproven: 'sensors 0 42' },
    refused: () => undefined,
    ...more,
  })
  const said = (blame: Blame, more: Partial<LostLine> = {}) =>
    lost.why(line({ goodbye: refusalOf(codeOf[blame], '', 'disconnect'), ...more }))
  const hungUp = (more: Partial<LostLine> = {}) => lost.why(line(more))

  it('is another owner by the word of the broker, or by a mark', async () => {
    expect(await said('owner')).toBeInstanceOf(FencedError)
    ownership = { owner: 'another', sinceMs: 0 }
    expect(await hungUp()).toBeInstanceOf(FencedError)
    expect(await hungUp({ pending: false })).toBeInstanceOf(FencedError)
  })

  it('is never another owner without either', async () => {
    for (const owner of ['ours', 'gone'] as const) {
      ownership = { owner, sinceMs: 0 }
      for (const blame of ['content', 'rights', 'passing', 'unclear'] as const)
        for (const pending of [true, false])
          for (let i = 0; i < 5; i++) expect(await said(blame, { pending })).not.toBeInstanceOf(FencedError)
    }
  })

  it('is content or a right by the word of the broker, where something was under way', async () => {
    expect(await said('content')).toBeInstanceOf(ContentError)
    expect(await said('content', { pending: false })).toBeInstanceOf(SinkError)
    expect(await said('rights')).toBeInstanceOf(UnfitError)
    lost.proven()
    expect(await said('rights')).toBeInstanceOf(ContentError)
    expect(await said('passing')).toBeInstanceOf(SinkError)
  })

  it('is content the third time at one record while the broker has stayed, and at once while that is searched for', async () => {
    for (let i = 0; i < 2; i++) expect(await hungUp()).toBeInstanceOf(SinkError)
    expect(await hungUp()).toBeInstanceOf(ContentError)
    expect(await hungUp({ firstUnproven: 'sensors 0 40' })).toBeInstanceOf(ContentError)
  })

  it('is an outage when the broker has gone away meanwhile, however often', async () => {
    for (let i = 0; i < 10; i++) {
      // The idle connection is younger than the one that was lost: it was lost, too.
      ownership = { owner: 'ours', sinceMs: 20 + i }
      expect(await hungUp()).toBeInstanceOf(SinkError)
    }
    ownership = { owner: 'gone', sinceMs: Number.POSITIVE_INFINITY }
    for (let i = 0; i < 10; i++) expect(await hungUp()).toBeInstanceOf(SinkError)
  })

  it('is an outage when the broker goes away during a search', async () => {
    for (let i = 0; i < 3; i++) await hungUp()
    ownership = { owner: 'ours', sinceMs: 20 }
    expect(await hungUp()).toBeInstanceOf(SinkError)
  })

  it('is an outage when it is at another record each time', async () => {
    for (let i = 0; i < 10; i++) expect(await hungUp({ firstUnproven: `sensors 0 ${i}` })).toBeInstanceOf(SinkError)
  })

  it('is another client of the same id where an idle connection is closed, too, however often', async () => {
    trial = 'closed'
    for (let i = 0; i < 9; i++) expect(await hungUp()).toBeInstanceOf(SinkError)
    trial = 'taken'
    for (let i = 0; i < 2; i++) await hungUp()
    expect(await hungUp()).toBeInstanceOf(FencedError)
  })

  it('is another client of the same id during a search, too', async () => {
    for (let i = 0; i < 3; i++) await hungUp()
    trial = 'closed'
    expect(await hungUp()).toBeInstanceOf(SinkError)
    trial = 'stays'
    expect(await hungUp()).toBeInstanceOf(SinkError)
  })

  it.each([
    ['the broker has proven what was written', async () => lost.proven()],
    ['it was idle', () => hungUp({ pending: false })],
    [
      'no broker answers',
      async () => {
        ownership = { owner: 'gone', sinceMs: Number.POSITIVE_INFINITY }
        await hungUp()
        ownership = { owner: 'ours', sinceMs: 0 }
      },
    ],
  ])('is counted anew when %s', async (_what, happens) => {
    for (let i = 0; i < 5; i++) {
      for (let nth = 0; nth < 2; nth++) expect(await hungUp()).toBeInstanceOf(SinkError)
      await happens()
    }
  })
})
