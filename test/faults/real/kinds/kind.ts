import type { Scene } from '../scene'

/** What a fault has done, for the story of its round. */
export interface Struck {
  readonly what: string
  /** It never came to the fault, for which a round of it shows nothing. */
  readonly missed?: boolean
}

/** A kind of fault: `strike` does it, and resolves when it is over and everything has to come right by itself. */
export interface Kind {
  readonly id: string
  readonly title: string
  strike(scene: Scene): Promise<Struck>
}
