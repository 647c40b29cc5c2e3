import type { Given, Query, RouteName } from '../../src/dashboard/contract'
import { routes } from '../../src/dashboard/contract/routes'

/** A call of the API as anybody could make it. */
export async function callApi(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; answer: any }> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, answer: await response.json() }
}

/** The page's answer where a service has none in time: on a machine that is busy it is asked again, as the page does. */
const LATE = 503
const PATIENCE_MS = 30_000

/** What a GET gives. Fails where its shape isn't what the contract, and so the description, says. */
export async function getOf<N extends RouteName & `GET ${string}`>(
  url: string,
  name: N,
  path: string = name.slice(4),
  query: Query<N> | object = {},
): Promise<Given<N>> {
  const search = new URLSearchParams(Object.entries(query)).toString()
  const call = () => callApi(url, 'GET', search === '' ? path : `${path}?${search}`)
  let { status, answer } = await call()
  for (const deadline = performance.now() + PATIENCE_MS; status === LATE && performance.now() < deadline; )
    ({ status, answer } = await call())
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`)
  return routes[name].answer.parse(answer) as Given<N>
}
