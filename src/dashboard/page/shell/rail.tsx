import type { ComponentChildren } from 'preact'
import { Foreign } from '../components/foreign'
import { Mark, Status } from '../components/status'
import { byUrgency } from '../data/applications'
import { nowMs } from '../data/clock'
import { connection, settings } from '../data/session'
import { duration } from '../lib/format'
import { pathTo, type RouteName } from '../lib/routes'
import { views } from '../views'
import { helpIsOpen } from './help-sheet'
import {
  BrandIcon,
  BrokersIcon,
  FleetIcon,
  GroupsIcon,
  HelpIcon,
  LettersIcon,
  OverviewIcon,
  SchemasIcon,
  ThemeIcon,
  TopicsIcon,
  TopologyIcon,
} from './icons'
import { route } from './location'
import { nextTheme, themeName } from './theme-choice'

/** Where one can go, and how each application is. */
export function Rail({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <aside class={isOpen ? 'rail open' : 'rail'} id="rail" aria-label="Places">
      <a class="brand" href="/">
        <BrandIcon />
        weir
      </a>
      <nav aria-label="Overview and applications">
        <Place to="overview" icon={<OverviewIcon />}>
          Overview
        </Place>
      </nav>
      {byUrgency.value.length > 0 && <ApplicationPlaces />}
      <ClusterPlaces />
      <Foot />
    </aside>
  )
}

function ApplicationPlaces() {
  const order = [...byUrgency.value].sort((a, b) => (a.application.name < b.application.name ? -1 : 1))
  return (
    <nav aria-label="Applications">
      <h2>Applications</h2>
      {order.map(({ application: { name }, diagnosis: { colour } }) => (
        <div class="rail-group" key={name}>
          <div class={`application-name status ${colour}`}>
            <Mark tone={colour} />
            <Foreign oneLine>{name}</Foreign>
          </div>
          <Place to="topology" params={{ application: name }} icon={<TopologyIcon />} within>
            Topology
          </Place>
          <Place to="fleet" params={{ application: name }} icon={<FleetIcon />} within>
            Fleet
          </Place>
        </div>
      ))}
    </nav>
  )
}

function ClusterPlaces() {
  const places: readonly [RouteName, string, ComponentChildren][] = [
    ['brokers', 'Brokers', <BrokersIcon key="icon" />],
    ['topics', 'Topics', <TopicsIcon key="icon" />],
    ['groups', 'Groups', <GroupsIcon key="icon" />],
    ['schemas', 'Schemas', <SchemasIcon key="icon" />],
    ['dead-letters', 'Dead letters', <LettersIcon key="icon" />],
  ]
  const shown = places.filter(([name]) => views[name] !== undefined)
  if (shown.length === 0) return null
  return (
    <nav aria-label="Cluster">
      <h2>Cluster</h2>
      {shown.map(([name, title, icon]) => (
        <Place key={name} to={name} icon={icon}>
          {title}
        </Place>
      ))}
    </nav>
  )
}

/** A topic is within topics, and so on. */
const places: Readonly<Partial<Record<RouteName, RouteName>>> = { topic: 'topics', group: 'groups', schema: 'schemas' }

interface PlaceProps {
  readonly to: RouteName
  readonly params?: Readonly<Record<string, string>>
  readonly icon: ComponentChildren
  readonly within?: boolean
  readonly children: ComponentChildren
}

function Place({ to, params = {}, icon, within = false, children }: PlaceProps) {
  const here = route.value
  if (views[to] === undefined) return null
  const isSame = here !== undefined && (places[here.name] ?? here.name) === to
  const isHere = isSame && Object.entries(params).every(([key, value]) => here.params[key] === value)
  return (
    <a class={within ? 'place within' : 'place'} href={pathTo(to, params)} aria-current={isHere ? 'page' : undefined}>
      {icon}
      {children}
    </a>
  )
}

function Foot() {
  const { is, sinceMs } = connection.value
  const tone = is === 'live' ? 'green' : is === 'lost' ? 'red' : 'grey'
  const words = { live: 'Live', connecting: 'Connecting', lost: `Lost for ${duration(nowMs.value - sinceMs)}` }
  return (
    <div class="rail-foot">
      <button type="button" class="button plain" onClick={nextTheme}>
        <ThemeIcon />
        Theme: {themeName.value}
      </button>
      <button
        type="button"
        class="button plain"
        onClick={() => {
          helpIsOpen.value = true
        }}
      >
        <HelpIcon />
        Keys
      </button>
      <div class="row spread small rail-state">
        <Status tone={tone}>{words[is]}</Status>
        {settings.value !== undefined && (
          <span class="faint">
            {settings.value.writes ? 'writes allowed' : 'read-only'} · {settings.value.version}
          </span>
        )}
      </div>
    </div>
  )
}
