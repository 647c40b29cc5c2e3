import { setTimeout as sleep } from 'node:timers/promises'
import type { Click } from './topology.js'

const pages = ['home', 'shoes', 'hats', 'basket', 'paid']

/** The data of `npm run dev`: visitors who come, click a few times, and go. */
export default async function* feed() {
  for (let i = 0; ; i++) {
    // Each visitor clicks for some seconds, and the next one has come meanwhile.
    const visitor = `visitor-${Math.floor(i / 12) + (i % 2)}`
    const value: Click = { page: pages[Math.floor(Math.random() * pages.length)] ?? 'home', at: Date.now() }
    yield { topic: 'clicks', key: visitor, value }
    await sleep(300)
  }
}
