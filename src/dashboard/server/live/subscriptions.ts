import type { DecoderCache } from '../decoder-cache'
import { ProblemError } from '../problems'
import type { Reach } from '../reach'
import type { Feed, Frames } from './feed'
import { openSearch } from './search-feed'
import { applicationsFeed, groupRows, lagFeed, samplesFeed, statusFeed } from './state-feeds'
import { openTail } from './tail-feed'
import type { Wanted } from './wanted'

export type OpenSubscription = (to: Wanted, changed: () => void, failed: (error: unknown) => void) => Feed

/** The most searches and tails of all clients together: each reads a whole topic. */
const maxReading = 8

/** Opens what a client subscribes to. */
export function subscriptions(reach: Reach, decoders: DecoderCache, frames: Frames): OpenSubscription {
  let reading = 0
  const limited = (open: () => Feed): Feed => {
    if (reading >= maxReading)
      throw new ProblemError('too-many', `${maxReading} searches and tails are under way already.`, {
        todo: 'Stop one, or try again when one has ended.',
      })
    const feed = open()
    reading++
    return {
      take: () => feed.take(),
      close: () => {
        reading--
        feed.close()
      },
    }
  }
  return (to, changed, failed) => {
    switch (to.kind) {
      case 'applications':
        return applicationsFeed(reach, changed)
      case 'samples':
        return samplesFeed(reach, to, changed)
      case 'status':
        return statusFeed(reach, changed)
      case 'groups':
        return groupRows(reach, to.groups, changed)
      case 'lag':
        return lagFeed(reach, to.group, changed)
      case 'search':
        return limited(() => openSearch(reach, decoders, to, changed, failed))
      case 'tail':
        return limited(() => openTail(reach, decoders, to, changed, failed))
      case 'frames': {
        const open = Object.hasOwn(frames, to.view) ? frames[to.view] : undefined
        if (open === undefined)
          throw new ProblemError('not-found', `There is no view called ${JSON.stringify(to.view)}.`, { where: 'view' })
        return open(to.query, changed, failed)
      }
    }
  }
}
