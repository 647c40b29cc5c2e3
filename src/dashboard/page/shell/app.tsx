import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../../contract'
import { Empty } from '../components/empty'
import { ProblemPanel } from '../components/problem-panel'
import { Waiting } from '../components/resource-view'
import { problemFrom } from '../data/api'
import type { ViewProps } from '../lib/routes'
import { views } from '../views'
import { Banner } from './banner'
import { HelpSheet, helpIsOpen } from './help-sheet'
import { MenuIcon } from './icons'
import { loadedViews, loadView } from './loaded-views'
import { route } from './location'
import { Rail } from './rail'

/** The whole page: the rail with its places, what is said above everything, and the view. */
export function App() {
  const [isOpen, setOpen] = useState(false)
  const here = route.value
  // Whoever has gone somewhere wants to see it.
  useEffect(() => setOpen(false), [here])
  return (
    <div class="app">
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <div class="menu-bar">
        <button
          type="button"
          class="button plain"
          aria-expanded={isOpen}
          aria-controls="rail"
          onClick={() => setOpen(!isOpen)}
        >
          <MenuIcon />
          Menu
        </button>
        <span class="brand">weir</span>
      </div>
      <Rail isOpen={isOpen} />
      {isOpen && <button type="button" class="veil" aria-label="Close the menu" onClick={() => setOpen(false)} />}
      <div class="main">
        <div>
          <Banner />
        </div>
        <main class="view" id="view" tabIndex={-1}>
          {here === undefined ? <NoSuchPlace /> : <View route={here} />}
        </main>
      </div>
      {helpIsOpen.value && <HelpSheet />}
    </div>
  )
}

function View({ route: here }: ViewProps) {
  const { name } = here
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    setProblem(undefined)
    loadView(name).catch((error: unknown) => setProblem(problemFrom(error)))
  }, [name])
  const Loaded = loadedViews.value[name]
  if (views[name] === undefined) return <NoSuchPlace />
  if (problem !== undefined) return <ProblemPanel problem={{ ...problem, todo: 'Load the page again.' }} />
  return Loaded === undefined ? <Waiting height={400} /> : <Loaded route={here} />
}

function NoSuchPlace() {
  return (
    <Empty title="There is nothing at this address">
      Perhaps it was cut when it was copied. <a href="/">To the overview</a>
    </Empty>
  )
}
