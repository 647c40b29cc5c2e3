import { useEffect, useRef, useState } from 'preact/hooks'

interface SearchBoxProps {
  readonly label: string
  readonly value: string
  /** Called when typing rests, or at once on Enter. */
  readonly change: (value: string) => void
}

const restMs = 150

/** A search; `/` goes to it from anywhere, Escape empties it. */
export function SearchBox({ label, value, change }: SearchBoxProps) {
  const [typed, setTyped] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setTyped(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const say = (next: string, inMs: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => change(next), inMs)
  }
  const take = (next: string, inMs: number) => {
    setTyped(next)
    say(next, inMs)
  }
  return (
    <label class="search">
      <span class="sr-only">{label}</span>
      <svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8">
        <circle cx="7" cy="7" r="4.6" />
        <path d="m10.6 10.6 3.6 3.6" />
      </svg>
      <input
        class="input"
        type="search"
        data-search
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        placeholder={label}
        value={typed}
        onInput={event => take(event.currentTarget.value, restMs)}
        onKeyDown={event => {
          if (event.key === 'Enter') say(typed, 0)
          if (event.key === 'Escape') take('', 0)
        }}
      />
    </label>
  )
}
