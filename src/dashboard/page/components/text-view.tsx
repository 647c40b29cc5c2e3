import { useMemo } from 'preact/hooks'
import { prettyJson } from '../lib/pretty-json'

/** A text as it is, or JSON over several lines. Never anything but text. */
export function TextView({ text, label }: { readonly text: string; readonly label: string }) {
  const shown = useMemo(() => prettyJson(text), [text])
  return (
    <section class="text-view" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls is reached by the keyboard. */}
      <pre dir="auto" tabIndex={0}>
        {shown}
      </pre>
    </section>
  )
}
