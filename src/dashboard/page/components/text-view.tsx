import { useMemo } from 'preact/hooks'
import { prettyJson } from '../lib/pretty-json'

interface TextViewProps {
  readonly text: string
  readonly label: string
  /** Among many: small JSON takes few lines. */
  readonly dense?: boolean
}

/** A text as it is, or JSON over several lines. Never anything but text. */
export function TextView({ text, label, dense = false }: TextViewProps) {
  const shown = useMemo(() => prettyJson(text, dense ? 240 : 60), [text, dense])
  return (
    <section class={dense ? 'text-view dense' : 'text-view'} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls is reached by the keyboard. */}
      <pre dir="auto" tabIndex={0}>
        {shown}
      </pre>
    </section>
  )
}
