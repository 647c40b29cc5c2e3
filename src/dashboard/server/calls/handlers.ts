import type { Call, Given, RouteName } from '../../contract/routes'

/** What a route's function gives: of what is looked at the data alone, since age and outages are added to it. */
type Result<N extends RouteName> =
  Given<N> extends { readonly data: infer Data; readonly ageMs: number } ? Data : Given<N>

/** One function for each route of the contract: the compiler misses what is missing. */
export type Handlers = { readonly [N in RouteName]: (call: Call<N>) => Promise<Result<N>> }
