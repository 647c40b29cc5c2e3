import type { Generation } from '../../src/engine/worker/generation'
import { Lifecycle, type WorkerState } from '../../src/engine/worker/lifecycle'

const generation = {} as Generation
const other = {} as Generation
const error = new Error('down')

describe('the life of a worker', () => {
  it('takes only the steps of its drawing', () => {
    const reached = (...states: WorkerState[]) => {
      const life = new Lifecycle()
      for (const state of states) life.to({ state, generation, error } as never)
      return life.now.state
    }
    expect(reached('opening', 'running', 'waiting', 'opening', 'running', 'draining', 'joining')).toBe('joining')
    expect(() => reached('running')).toThrow(/from joining to running/)
    expect(() => reached('opening', 'draining')).toThrow(/from opening to draining/)
    expect(() => reached('stopped', 'joining')).toThrow(/from stopped to joining/)
  })

  it('is moved by the generation that it has, and by no former one', () => {
    const life = new Lifecycle()
    life.to({ state: 'opening', generation })
    life.continue({ state: 'running', generation: other })
    expect(life.now.state).toBe('opening')
    life.continue({ state: 'running', generation })
    expect(life.now).toEqual({ state: 'running', generation })
    life.to({ state: 'joining' })
    life.continue({ state: 'waiting', generation, error })
    expect(life.now.state).toBe('joining')
    expect(life.generation).toBeUndefined()
  })

  it('gives up once, for the first reason', () => {
    const life = new Lifecycle()
    expect(life.fail(error)).toBe(true)
    expect(life.fail(new Error('later'))).toBe(false)
    expect(life.now).toEqual({ state: 'failed', error })
    life.to({ state: 'stopped' })
    expect(life.fail(error)).toBe(false)
  })
})
