import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

interface PageHeadProps {
  /** The view's name: the heading, and the window's title. */
  readonly title: string
  readonly about?: ComponentChildren
  /** Beside it: searches, choices, buttons. */
  readonly children?: ComponentChildren
}

/** The head of a view. */
export function PageHead({ title, about, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · weir`
  }, [title])
  return (
    <header class="page-head">
      <div class="titles">
        <h1 dir="auto" class="foreign">
          {title}
        </h1>
        {about !== undefined && <p>{about}</p>}
      </div>
      {children !== undefined && <div class="row">{children}</div>}
    </header>
  )
}
