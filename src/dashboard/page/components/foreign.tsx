interface ForeignProps {
  readonly children: string | number
  /** In letters of one width: keys, values, ids. */
  readonly mono?: boolean
  /** Cut with … where it doesn't fit; the whole is shown on pointing at it. */
  readonly oneLine?: boolean
}

/** A name or value that others have written: shown as text, in its own writing direction, without changing the direction of what is beside it. */
export function Foreign({ children, mono = false, oneLine = false }: ForeignProps) {
  const text = String(children)
  return (
    <bdi
      dir="auto"
      class={`foreign${mono ? ' mono' : ''}${oneLine ? ' one-line' : ''}`}
      title={oneLine ? text : undefined}
    >
      {text}
    </bdi>
  )
}
