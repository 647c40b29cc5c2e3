import type { ComponentChildren } from 'preact'

interface CardProps {
  readonly title?: ComponentChildren
  /** At the end of the head: buttons, a search, a choice. */
  readonly tools?: ComponentChildren
  /** Without a margin, for tables and pictures. */
  readonly flush?: boolean
  readonly label?: string
  readonly children: ComponentChildren
}

/** A panel with a title. */
export function Card({ title, tools, flush = false, label, children }: CardProps) {
  return (
    <section class="card" aria-label={label}>
      {(title !== undefined || tools !== undefined) && (
        <header class="card-head">
          {title !== undefined && <h2>{title}</h2>}
          {tools !== undefined && <div class="row">{tools}</div>}
        </header>
      )}
      <div class={flush ? 'card-body flush' : 'card-body'}>{children}</div>
    </section>
  )
}

interface FigureProps {
  readonly label: string
  readonly value: ComponentChildren
  /** Below, small: a trend, a unit, what it is made of. Its line is kept free when there is nothing to say. */
  readonly note?: ComponentChildren
}

/** A number to be read from afar; within `Figures`. */
export function Figure({ label, value, note }: FigureProps) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>{value}</dd>
      <dd class="note">{note}</dd>
    </div>
  )
}

export function Figures({ children }: { readonly children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>
}

/** Names and values one below the other. */
export function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}
