import { NotFoundError } from '../../../ops/errors'
import type { DescribedStore } from '../../../ops/stores/store-log'
import type { DecoderCache } from '../decoder-cache'
import { FollowedStores } from '../followed-stores'
import type { Reach } from '../reach'
import type { Handlers } from './handlers'

export function storeCalls(
  reach: Reach,
  decoders: DecoderCache,
): Pick<Handlers, 'GET /api/applications/:application/stores/:store'> {
  const followed = new FollowedStores(reach, decoders)
  return {
    'GET /api/applications/:application/stores/:store': async ({ params: { application, store }, query }) => {
      const described = storeOf(reach, application, store)
      const follower = followed.get(application, store, described)
      await follower.catchUp(AbortSignal.timeout(reach.timeoutMs))
      return { topic: described.log.topic, ...follower.page(query) }
    },
  }
}

/** What the application says of a store. Throws NotFoundError. */
function storeOf({ applications }: Reach, application: string, name: string): DescribedStore {
  const known = applications.find(application)
  if (known === undefined) throw new NotFoundError(`there are no vitals of an application "${application}"`)
  const store = known.topology?.stores.find(each => each.name === name)
  if (store === undefined) throw new NotFoundError(`"${application}" has told of no store "${name}"`)
  const { kind, log } = store
  if (log === undefined)
    throw new NotFoundError(
      `the entries of "${name}" stand in no topic: it is derived anew, or its workers are of an earlier version`,
    )
  return { kind, log }
}
