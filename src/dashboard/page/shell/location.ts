import { computed, signal } from '@preact/signals'
import { type Route, routeOf } from '../lib/routes'
import { parseQuery, type Query, queryText, withChanges } from '../lib/url-state'

const read = () => ({ path: location.pathname, query: parseQuery(location.search) })
const here = signal(read())

/** Where the page is; undefined where no view is. */
export const route = computed<Route | undefined>(() => routeOf(here.value.path))
export const path = computed(() => here.value.path)
/** What the view keeps in its address. */
export const query = computed<Query>(() => here.value.query)

addEventListener('popstate', () => {
  here.value = read()
})

/** Goes to another view, as a link does; within a view (`stay`) one stays where one has scrolled to. */
export function go(to: string, stay = false): void {
  history.pushState(null, '', to)
  here.value = read()
  if (!stay) scrollTo(0, 0)
}

/**
 * Changes what the view keeps in its address, without a step in the history unless `step`: back leads to the former view, not through every
 * letter of a search.
 */
export function setQuery(changes: Readonly<Record<string, string | undefined>>, step = false): void {
  const next = `${location.pathname}${queryText(withChanges(here.peek().query, changes))}`
  if (step) history.pushState(null, '', next)
  else history.replaceState(null, '', next)
  here.value = read()
}

/** Follows links within the page without loading it again. */
export function followLinks(root: HTMLElement): void {
  root.addEventListener('click', event => {
    const target = event.target
    if (!(target instanceof Element)) return
    const link = target.closest('a[href]')
    if (!(link instanceof HTMLAnchorElement) || !isOurs(link, event)) return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}

function isOurs(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const asked = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  // A link to a place within the view is the browser's, and what the API answers is no view.
  const isView = link.origin === location.origin && link.hash === '' && !link.pathname.startsWith('/api/')
  return isView && !asked && !event.defaultPrevented && link.target === '' && !link.download
}
