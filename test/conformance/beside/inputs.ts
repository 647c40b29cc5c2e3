import { seededRandom } from '../../../src/sensors/simulator/random'
import type { InputRecord } from '../case'

/** A topic of the input. */
export type InputTopic = 'left' | 'right' | 'facts' | 'refs' | 'disordered' | 'late'

/** Partitions of each topic of the input, and of the output. */
export const partitions = 4
export const inputTopics: readonly InputTopic[] = ['left', 'right', 'facts', 'refs', 'disordered', 'late']
const keys = Array.from({ length: 16 }, (_, i) => `k${i}`)
const refs = ['x', 'y', 'z', 'u', 'v']

/**
 * The input of a seed, in the order in which it is written. `left`, `right`, `facts` and `refs` share one clock: no two records have the same
 * timestamp, and none is late. `disordered` is up to 20 s behind its latest time, `late` often further than any grace that is drawn.
 * `startMs` is a whole hour, so that the windows of a seed are the same at any time.
 */
export function drawInputs(seed: number, startMs: number, perTopic: number): InputRecord[] {
  const next = seededRandom(seed)
  const below = (n: number) => Math.floor(next() * n)
  const inputs: InputRecord[] = []
  let now = startMs
  for (let i = 0; i < perTopic * inputTopics.length; i++) {
    const topic = inputTopics[below(inputTopics.length)]!
    now += 1 + below(next() < 0.02 ? 8_000 : 200)
    const behind =
      topic === 'disordered' && next() < 0.4 ? below(20_000) : topic === 'late' && next() < 0.4 ? below(60_000) : 0
    const key = topic === 'refs' ? refs[below(refs.length)]! : keys[below(keys.length)]!
    inputs.push({ topic, key, value: next() < 0.08 ? null : drawValue(topic, below), timestamp: now - behind })
  }
  return inputs
}

function drawValue(topic: InputTopic, below: (n: number) => number): unknown {
  if (topic !== 'facts') return below(100)
  return { fk: below(8) === 0 ? null : refs[below(refs.length)]!, n: below(50) }
}
