import type { Call, Given, RouteName } from '../../contract/routes'

/** What a route's function returns: of a route that reads the data alone, since age and outages are added to it. */
type Result<N extends RouteName> =
  Given<N> extends { readonly data: infer Data; readonly ageMs: number } ? Data : Given<N>

/** One function for each route of the contract: a missing one is a compile error. */
export type Handlers = { readonly [N in RouteName]: (call: Call<N>) => Promise<Result<N>> }
