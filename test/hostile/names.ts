import type { Names } from './case'

export const namesOf = (run: string): Names => ({ run, topic: name => `${run}.${name}` })
