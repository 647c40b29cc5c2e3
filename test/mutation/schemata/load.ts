import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceModules } from '../../faults/planted/replace-modules'
import { type Build, buildAt, root } from './build'
import { SWITCH } from './schemata'

/** Mutants that have been reached since the last look, and the one that is on. */
export class Switchboard {
  private readonly reached: Uint8Array
  private on = -1

  constructor(mutants: number) {
    this.reached = new Uint8Array(mutants)
    const isOn = (number: number) => {
      this.reached[number] = 1
      return number === this.on
    }
    Object.assign(globalThis, { [SWITCH]: isOn })
  }

  /** From now on this one is on, and no other; -1: none. */
  turn(number: number): void {
    this.on = number
  }

  /** Returns the numbers of those that were reached, and forgets them. */
  take(): number[] {
    const numbers = [...this.reached.keys()].filter(number => this.reached[number] === 1)
    this.reached.fill(0)
    return numbers
  }
}

/** Makes every file of the build that is required from now on the one with its mutants. */
export function loadMutated(id: string): Switchboard {
  const { code, mutants } = JSON.parse(readFileSync(buildAt(id), 'utf8')) as Build
  const mutated = new Map(Object.entries(code).map(([file, text]) => [join(root, file), text]))
  replaceModules(file => mutated.get(file))
  return new Switchboard(mutants.length)
}
