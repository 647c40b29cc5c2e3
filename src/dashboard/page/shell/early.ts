import { routeOf } from '../lib/routes'
import { applyTheme, chosenTheme } from './theme'

/** The names of each view's modules, by the view's name; written here when the page is built. */
declare const viewModules: Readonly<Record<string, readonly string[]>>

applyTheme(chosenTheme())
// The page itself would ask for the view's modules only once it runs.
for (const name of viewModules[routeOf(location.pathname)?.name ?? ''] ?? []) {
  const link = document.createElement('link')
  link.rel = 'modulepreload'
  link.href = `/assets/${name}.js`
  document.head.append(link)
}
