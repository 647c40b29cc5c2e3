import { render } from 'preact'
import { startSession } from './data/session'
import { App } from './shell/app'
import { listenToKeys } from './shell/keyboard'
import { followLinks } from './shell/location'

const root = document.getElementById('page')
if (root !== null) {
  render(<App />, root)
  followLinks(root)
  listenToKeys()
  startSession()
}
