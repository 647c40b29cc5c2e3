import type { FromLane, Order } from './lane'
import { doubled } from './lane-doubled'
import { cutShort } from './outcome'

const say = (message: FromLane) => process.send?.(message)

process.on('message', ({ seed }: Order) => {
  if (seed === doubled.ends) process.exit(7)
  while (seed === doubled.standsStill);
  // As a lane says it of a world that threw, which is not to be used again.
  const { cut, ...right } = cutShort(seed, 'crash', 'thrown')
  if (seed === doubled.throws) say({ ...right, cut: 'crash' })
  else say({ ...right, violations: [], trace: String(process.pid) })
})
process.on('disconnect', () => process.exit())
if (process.env.DOUBLE_LOADS !== 'no') say('loaded')
else throw new Error('half of a module')
