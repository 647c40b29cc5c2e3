import type { ComponentChildren } from 'preact'

export type Tone = 'green' | 'amber' | 'red' | 'grey'

/** How something is, for people. */
export const toneWords: Readonly<Record<Tone, string>> = {
  green: 'Well',
  amber: 'Worth a look',
  red: 'Trouble',
  grey: 'Not known',
}

/** A mark whose shape says the same as its colour: a disc, a triangle, a square, a ring. */
export function Mark({ tone }: { readonly tone: Tone }) {
  return (
    <svg class="mark" viewBox="0 0 10 10" aria-hidden="true" fill="currentColor">
      {tone === 'green' && <circle cx="5" cy="5" r="4" />}
      {tone === 'amber' && <path d="M5 .8 9.6 9.2H.4z" />}
      {tone === 'red' && <rect x="1" y="1" width="8" height="8" rx="1.5" />}
      {tone === 'grey' && <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" stroke-width="1.4" />}
    </svg>
  )
}

/** How something is, as a mark and a word; the word of the tone is read out where `children` are left out. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children?: ComponentChildren }) {
  return (
    <span class={`status ${tone}`}>
      <Mark tone={tone} />
      {children === undefined ? <span class="sr-only">{toneWords[tone]}</span> : <span class="word">{children}</span>}
    </span>
  )
}

/** A short word in a frame. */
export function Badge({ tone, children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone ?? ''}`}>{children}</span>
}
