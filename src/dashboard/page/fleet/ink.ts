import type { Ink } from './paint-cells'

const sources: Readonly<Record<keyof Ink, string>> = {
  ground: '--sheet',
  ink: '--ink',
  soft: '--ink-soft',
  empty: '--line',
  stuck: '--fleet-stuck',
  implausible: '--fleet-implausible',
  silent: '--ink',
  unreadable: '--red',
  accent: '--accent',
}

/** The theme's colours as a canvas takes them: a probe within `root` resolves what `light-dark()` says there. */
export function inkOf(root: HTMLElement): Ink {
  const probe = document.createElement('i')
  probe.hidden = true
  root.append(probe)
  const colourOf = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const ink = Object.fromEntries(Object.entries(sources).map(([name, from]) => [name, colourOf(from)]))
  probe.remove()
  return ink as unknown as Ink
}
