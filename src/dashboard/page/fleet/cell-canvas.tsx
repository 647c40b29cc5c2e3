import { useEffect, useRef, useState } from 'preact/hooks'
import { ageOf } from '../../contract/fleet-frame'
import { Foreign } from '../components/foreign'
import { duration } from '../lib/format'
import { stateOf, type Wish } from './cell-order'
import { CellPicture } from './cell-picture'
import type { Domain } from './colour-scale'
import { type FleetModel, titleOf } from './fleet-model'
import { figure, stateNames } from './state-words'

interface CellCanvasProps {
  readonly model: FleetModel
  readonly wish: Wish
  /** The key that is open. */
  readonly chosen: string | undefined
  readonly open: (cell: number) => void
  readonly tellDomain: (domain: Domain | undefined) => void
}

const moves = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'])
/** The cells take so much of the window's height, as far as they can be made to fit. */
const heightFor = () => Math.max(220, Math.round(innerHeight * 0.62))

/** All cells on one canvas. The mouse points at one, arrow keys go from one to the next, Enter opens it; what is pointed at is said in words. */
export function CellCanvas({ model, wish, chosen, open, tellDomain }: CellCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = useRef<CellPicture>(undefined)
  const [pointed, setPointed] = useState<number>()
  useEffect(() => {
    if (canvas.current === null) return
    const own = new CellPicture(canvas.current, model, tellDomain, heightFor)
    picture.current = own
    return () => own.close()
  }, [model, tellDomain])
  useEffect(() => picture.current?.show(wish, chosen), [wish, chosen, model])

  const point = (cell: number | undefined) => {
    picture.current?.point(cell)
    setPointed(cell)
  }
  const under = (event: MouseEvent) => picture.current?.at(event.offsetX, event.offsetY)
  const press = (event: KeyboardEvent) => {
    if (moves.has(event.key)) {
      event.preventDefault()
      point(picture.current?.from(pointed, event.key))
    } else if (event.key === 'Enter' && pointed !== undefined) open(pointed)
    else if (event.key === 'Escape') point(undefined)
  }
  return (
    <div class="fleet-cells">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: one thing that takes arrow keys, as a map does. */}
      <canvas
        ref={canvas}
        // The cell under the pointer is described below, and a list beside it has the keys that stand out.
        role="application"
        aria-roledescription="map of keys"
        aria-label="All keys as cells. Arrow keys go from one to the next, Enter opens it."
        tabIndex={0}
        onMouseMove={event => point(under(event))}
        onMouseLeave={() => point(undefined)}
        onClick={event => {
          const cell = under(event)
          if (cell !== undefined) open(cell)
        }}
        onKeyDown={press}
        onBlur={() => point(undefined)}
      />
      <p class="sr-only" aria-live="polite">
        {pointed !== undefined && wordsOf(model, pointed)}
      </p>
      {pointed !== undefined && <CellTip model={model} cell={pointed} picture={picture.current} />}
    </div>
  )
}

function wordsOf({ names, cells, atMs }: FleetModel, cell: number): string {
  const age = ageOf(cells.ages[cell] ?? 255)
  const seen = atMs === 0 || cells.ages[cell] === 255 ? 'long ago' : `${duration(age)} ago`
  return `${titleOf(names[cell])}: ${figure(cells.values[cell] ?? Number.NaN)}, ${stateNames[stateOf(cells, cell)]}, ${seen}`
}

interface CellTipProps {
  readonly model: FleetModel
  readonly cell: number
  readonly picture: CellPicture | undefined
}

/** What a cell says, beside it. */
function CellTip({ model, cell, picture }: CellTipProps) {
  const [, turn] = useState(0)
  useEffect(() => model.onFrame(() => turn(count => count + 1)), [model])
  const place = picture?.placeOf(cell)
  if (place === undefined || picture === undefined) return null
  const name = model.names[cell]
  const isRight = place.x > picture.grid.columns * picture.grid.pitch * 0.6
  const style = isRight
    ? { right: `calc(100% - ${place.x - 6}px)`, top: `${place.y}px` }
    : { left: `${place.x + picture.grid.pitch + 6}px`, top: `${place.y}px` }
  const seenMs = ageOf(model.cells.ages[cell] ?? 255) + Math.max(0, Date.now() - model.cameMs - 1000)
  return (
    <div class="fleet-tip" style={style} aria-hidden="true">
      <strong>
        <Foreign oneLine>{titleOf(name)}</Foreign>
      </strong>
      <span class="fleet-tip-figure">{figure(model.cells.values[cell] ?? Number.NaN)}</span>
      <span>
        {stateNames[stateOf(model.cells, cell)]} · {duration(seenMs)} ago
      </span>
      {typeof name === 'object' && <span>mean of {name[2]} keys; open it to see each</span>}
    </div>
  )
}
