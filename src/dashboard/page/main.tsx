import { render } from 'preact'
import { startSession } from './data/session'
import { App } from './shell/app'
import { listenToKeys } from './shell/keyboard'
import { loadView } from './shell/loaded-views'
import { followLinks, route } from './shell/location'

const root = document.getElementById('page')
if (root !== null) {
  // What comes from the server is asked for before anything is drawn.
  startSession()
  const { name } = route.peek() ?? {}
  // Where it doesn't come, the page asks again, and says so.
  if (name !== undefined) loadView(name).catch(() => undefined)
  render(<App />, root)
  followLinks(root)
  listenToKeys()
}
