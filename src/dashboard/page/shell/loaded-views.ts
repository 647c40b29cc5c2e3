import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { RouteName, ViewProps } from '../lib/routes'
import { views } from '../views'

/** The views that are loaded, by name. */
export const loadedViews = signal<Readonly<Partial<Record<RouteName, ComponentType<ViewProps>>>>>({})

/** Loads a view unless it is there. Rejects where its module doesn't come. */
export async function loadView(name: RouteName): Promise<void> {
  const load = views[name]
  if (load === undefined || loadedViews.peek()[name] !== undefined) return
  const { default: view } = await load()
  loadedViews.value = { ...loadedViews.peek(), [name]: view }
}
