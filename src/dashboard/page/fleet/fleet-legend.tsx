import { useEffect, useRef } from 'preact/hooks'
import { type FleetNotes, type KeyState, keyStates } from '../../contract/fleet-frame'
import { exact } from '../lib/format'
import { type Domain, palette } from './colour-scale'
import { toggleState } from './fleet-address'
import { StateMark } from './state-mark'
import { figure, stateMeanings, stateNames } from './state-words'

interface LegendProps {
  readonly domain: Domain | undefined
  readonly field: string | null
  readonly notes: FleetNotes | undefined
  readonly states: ReadonlySet<KeyState>
}

/** What colours and marks mean, and how many keys have each; a state that is pressed is shown alone. */
export function FleetLegend({ domain, field, notes, states }: LegendProps) {
  return (
    <div class="fleet-legend">
      <div class="fleet-scale">
        <span class="soft small">{field ?? ''}</span>
        <span class="number">{domain === undefined ? '–' : figure(domain.low)}</span>
        <Ramp />
        <span>{domain === undefined ? '–' : figure(domain.high)}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that nobody needs here. */}
      <div class="row" role="group" aria-label="States">
        {keyStates.map(state => (
          <button
            key={state}
            type="button"
            class="state-button"
            title={stateMeanings[state]}
            aria-pressed={states.has(state)}
            onClick={() => toggleState(state)}
          >
            <StateMark state={state} />
            {stateNames[state]}
            <span class="soft">{notes === undefined ? '–' : exact(notes.states[state])}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

function Ramp() {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const on = canvas.current?.getContext('2d')
    for (const [i, colour] of palette.entries()) {
      if (!on) return
      on.fillStyle = colour
      on.fillRect(i, 0, 1, 1)
    }
  }, [])
  return <canvas ref={canvas} class="fleet-ramp" width={palette.length} height={1} />
}
