import type { ComponentChildren } from 'preact'

export interface Tab {
  readonly name: string
  readonly title: ComponentChildren
  /** Where it leads: tabs are links, so that each has its address. */
  readonly href: string
}

export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, title, href }) => (
        <a key={name} href={href} aria-current={name === current ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  )
}

interface ChoicesProps<T extends string> {
  readonly label: string
  readonly choices: readonly { readonly value: T; readonly title: string }[]
  readonly value: T
  readonly change: (value: T) => void
}

/** One of a few. */
export function Choices<T extends string>({ label, choices, value, change }: ChoicesProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that nobody needs here.
    <div class="choices" role="group" aria-label={label}>
      {choices.map(each => (
        <button
          key={each.value}
          type="button"
          aria-pressed={each.value === value}
          onClick={() => each.value !== value && change(each.value)}
        >
          {each.title}
        </button>
      ))}
    </div>
  )
}
