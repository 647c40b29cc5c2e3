import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { TopologyVitals } from '../../../vitals/format'
import type { ApplicationState } from '../../contract'
import { perSecond } from '../lib/format'
import { type Edge, graphOf } from './graph'
import { GraphCard } from './graph-card'
import { arrow, edgePath, edgeWidth, fittingLayout, type Layout, type Place } from './layout'
import { toneOfCard } from './tones'

interface GraphViewProps {
  readonly state: ApplicationState
  readonly topology: TopologyVitals
  readonly chosen: string | undefined
  readonly open: (step: string) => void
}

/** How small and how large the picture is drawn unless somebody says so. */
const [least, largest] = [0.75, 1.25]

/** The topology as it runs: laid out anew only when it is another one, its figures as they come. */
export function GraphView({ state, topology, chosen, open }: GraphViewProps) {
  const frame = useRef<HTMLElement>(null)
  const width = useWidth(frame)
  const { graph, layout, byId } = useMemo(() => drawn(topology, width), [topology.epoch, topology.parts.length, width])
  const { scale, setScale, fit } = useScale(width, layout)
  const rates = new Map(state.application.nodes.map(node => [node.name, node.rate]))
  const zoom = (by: number) => setScale(Math.min(1.5, Math.max(0.4, scale * by)))
  return (
    <section class="card graph" aria-label="Topology" ref={frame}>
      <header class="card-head">
        <h2>Topology</h2>
        <div class="row">
          <span class="soft small graph-legend">records a second · event time behind now · p99</span>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that nobody needs here. */}
          <div class="choices" role="group" aria-label="Size of the picture">
            <button type="button" aria-label="Smaller" onClick={() => zoom(1 / 1.2)}>
              −
            </button>
            <button type="button" onClick={fit}>
              Fit
            </button>
            <button type="button" aria-label="Larger" onClick={() => zoom(1.2)}>
              +
            </button>
          </div>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <div class="graph-scroll" tabIndex={0}>
        <div class="graph-room" style={{ '--scale': scale, '--wide': layout.width, '--tall': layout.height }}>
          <div class="graph-sheet">
            <Edges edges={graph.edges} byId={byId} layout={layout} rates={rates} state={state} />
            <ol class="graph-cards">
              {layout.places.map(place => (
                <GraphCard key={place.card.id} place={place} state={state} chosen={chosen} open={open} />
              ))}
            </ol>
          </div>
        </div>
      </div>
    </section>
  )
}

function drawn(topology: TopologyVitals, width: number) {
  const graph = graphOf(topology)
  const layout = fittingLayout(graph, width)
  return { graph, layout, byId: new Map(layout.places.map(place => [place.card.id, place])) }
}

/** Of an element, px, in steps: a scroll bar that comes and goes draws nothing anew. */
function useWidth(of: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(1000)
  useLayoutEffect(() => {
    const element = of.current
    if (element === null) return
    const look = () => setWidth(Math.floor(element.clientWidth / 20) * 20)
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => observer.disconnect()
  }, [of])
  return width
}

/** As large as it fits, until somebody chooses. */
function useScale(width: number, layout: Layout) {
  const [chosen, setScale] = useState<number>()
  useEffect(() => setScale(undefined), [layout])
  const most = layout.direction === 'across' ? largest : 1
  const fitting = Math.min(most, Math.max(least, width / layout.width))
  return { scale: chosen ?? fitting, setScale, fit: () => setScale(undefined) }
}

interface EdgesProps {
  readonly edges: readonly Edge[]
  readonly byId: ReadonlyMap<string, Place>
  readonly layout: Layout
  readonly rates: ReadonlyMap<string, number>
  readonly state: ApplicationState
}

function Edges({ edges, byId, layout, rates, state }: EdgesProps) {
  const most = Math.max(0, ...edges.map(({ step }) => rates.get(step) ?? 0))
  return (
    <svg class="graph-edges" width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        {['green', 'amber', 'red', 'idle'].map(tone => (
          <marker
            {...{ key: tone, id: `arrow-${tone}`, class: tone, orient: 'auto', markerUnits: 'userSpaceOnUse' }}
            {...{ viewBox: '0 0 9 14', markerWidth: arrow, markerHeight: 14, refX: 0, refY: 7 }}
          >
            <path d="M0 0 9 7 0 14z" />
          </marker>
        ))}
      </defs>
      {edges.map(({ from, to, step }) => {
        const [start, end] = [byId.get(from), byId.get(to)]
        if (start === undefined || end === undefined) return null
        const rate = rates.get(step) ?? 0
        const tone = rate > 0 ? toneOfCard(end.card, state.diagnosis) : 'idle'
        return (
          <path
            key={`${from}\n${to}`}
            class={tone}
            marker-end={`url(#arrow-${tone})`}
            d={edgePath(start, end, layout.direction)}
            stroke-width={edgeWidth(rate, most)}
          >
            <title>{perSecond(rate)}</title>
          </path>
        )
      })}
    </svg>
  )
}
