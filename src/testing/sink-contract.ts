import type { Sink } from '../connectors/sink'
import { encodingPromises } from './encoding-promises'
import { fencingPromises, owningPromises } from './owning-promises'
import { refusalPromises } from './refusal-promises'
import type { SinkHarness } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'
import { transactionPromises } from './transaction-promises'
import { writingPromises } from './writing-promises'

export interface SinkPromises {
  /** What the target's end guarantees. `exactly_once`: rows and positions are one transaction; else the end is written to at once. */
  readonly guarantee: 'exactly_once' | 'at_least_once'
  /** False where the end can't tell who writes, so that only Kafka fences a former owner. */
  readonly fences?: boolean
  /** The end can refuse a record that its encoder has taken: the harness gives one as `refused`. */
  readonly refuses?: boolean
}

/**
 * The suite that every sink passes, whoever wrote it; what its end guarantees is held to it. Call it in a test file of jest.
 *
 * @example
 * sinkContract('files', { guarantee: 'exactly_once' }, () => ({ target: files({ folder }), create, record, bad, stored, clear }))
 */
export function sinkContract(
  name: string,
  { guarantee, fences = true, refuses = false }: SinkPromises,
  prepare: () => SinkHarness | Promise<SinkHarness>,
): void {
  describe(`${name}: contract of a sink`, () => {
    const transactional = guarantee === 'exactly_once'
    let harness: SinkHarness
    let sinks: Sink[] = []
    const create = () => {
      const sink = harness.create()
      sinks.push(sink)
      return sink
    }
    beforeAll(async () => {
      harness = await prepare()
      expect(harness.target.end.guarantee).toBe(guarantee)
    })
    beforeEach(() => harness.clear())
    afterEach(async () => {
      await Promise.all(sinks.map(sink => sink.close()))
      sinks = []
    })

    const promises: SinkPromiseTests = {
      ...writingPromises,
      ...encodingPromises,
      ...owningPromises,
      ...(fences && fencingPromises),
      ...(transactional && transactionPromises),
      ...(refuses && refusalPromises),
    }
    it.each(Object.entries(promises))('%s', (_promise, test) => test({ end: harness, transactional, create }))
  })
}
