import { isOutage, isPassing, ReopenError } from '../../src/engine/worker/passing'
import {
  ContentError,
  DecodeError,
  FencedError,
  InDoubtError,
  ProcessError,
  SinkError,
  StreamError,
  TopologyError,
  UnavailableError,
  UnfitError,
} from '../../src/errors'

test.each([
  [FencedError, false],
  [TopologyError, false],
  [ProcessError, false],
  [DecodeError, false],
  [SinkError, true],
  [UnavailableError, true],
  [UnfitError, true],
  [ReopenError, true],
  [InDoubtError, true],
  [ContentError, true],
  [StreamError, true],
  [Error, true],
])('after %p another attempt may succeed: %p', (kind, isIt) => {
  expect(isPassing(new kind('no'))).toBe(isIt)
})

test('after what an end says can’t be cured, no other attempt is made', () => {
  expect(isPassing(new SinkError('52 is past the end', { fatal: true }))).toBe(false)
  expect(isPassing('thrown by a step')).toBe(true)
})

test.each([
  [UnavailableError, true],
  [UnfitError, true],
  [SinkError, true],
  [InDoubtError, true],
  [ContentError, false],
  [FencedError, false],
  [StreamError, false],
  [Error, false],
])('%p is a service that isn’t there: %p', (kind, isIt) => {
  expect(isOutage(new kind('no'))).toBe(isIt)
})
