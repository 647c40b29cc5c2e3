import { type CellName, type Cells, type KeyState, keyStates } from '../../contract/fleet-frame'
import { titleOf } from './fleet-model'

export const sorts = ['key', 'value', 'state', 'age'] as const
export type Sort = (typeof sorts)[number]
export const groupings = ['none', 'state', 'name'] as const
export type Grouping = (typeof groupings)[number]

export interface Wish {
  readonly sort: Sort
  readonly group: Grouping
  /** Only these states; empty: all. */
  readonly states: ReadonlySet<KeyState>
  /** Only names that contain it; case doesn't matter. */
  readonly search: string
}

/** Cells that stand together, in the order in which they are drawn. */
export interface Section {
  readonly label: string
  readonly cells: readonly number[]
}

/** Which cells are drawn, and in which order. */
export function arranged(names: readonly CellName[], cells: Cells, wish: Wish): readonly Section[] {
  const search = wish.search.trim().toLowerCase()
  const shown: number[] = []
  for (const [cell, name] of names.entries()) {
    if (search !== '' && !titleOf(name).toLowerCase().includes(search)) continue
    if (wish.states.size > 0 && !wish.states.has(stateOf(cells, cell))) continue
    shown.push(cell)
  }
  shown.sort(comparer(names, cells, wish.sort))
  if (wish.group === 'none') return shown.length === 0 ? [] : [{ label: '', cells: shown }]
  const labelOf = (cell: number) => (wish.group === 'state' ? stateOf(cells, cell) : familyOf(titleOf(names[cell])))
  const sections = new Map<string, number[]>()
  for (const cell of shown) {
    const label = labelOf(cell)
    const known = sections.get(label)
    if (known === undefined) sections.set(label, [cell])
    else known.push(cell)
  }
  const order = (label: string) => (wish.group === 'state' ? -keyStates.indexOf(label as KeyState) : 0)
  return [...sections]
    .map(([label, own]) => ({ label, cells: own }))
    .sort((a, b) => order(a.label) - order(b.label) || byName(a.label, b.label))
}

export const stateOf = (cells: Cells, cell: number): KeyState => keyStates[cells.states[cell] ?? 0] ?? 'new'

/** What comes before a name's last number or last part: `hall-2/`, `2100–2199`. */
export function familyOf(name: string): string {
  if (/^\d{1,15}$/.test(name)) {
    const from = Math.floor(Number(name) / 100) * 100
    return `${from}–${from + 99}`
  }
  const cut = Math.max(...['/', ':', '.', '-', '_', ' '].map(each => name.lastIndexOf(each)))
  return cut > 0 ? name.slice(0, cut + 1) : 'others'
}

function comparer(names: readonly CellName[], cells: Cells, sort: Sort): (a: number, b: number) => number {
  const byKey = keyComparer(names)
  // What has no figure comes last.
  const figure = (cell: number) =>
    Number.isNaN(cells.values[cell]) ? Number.NEGATIVE_INFINITY : (cells.values[cell] ?? 0)
  if (sort === 'value') return (a, b) => compare(figure(b), figure(a)) || byKey(a, b)
  if (sort === 'state') return (a, b) => (cells.states[b] ?? 0) - (cells.states[a] ?? 0) || byKey(a, b)
  if (sort === 'age') return (a, b) => (cells.ages[b] ?? 0) - (cells.ages[a] ?? 0) || byKey(a, b)
  return byKey
}

const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0)

function keyComparer(names: readonly CellName[]): (a: number, b: number) => number {
  const texts = names.map(name => (typeof name === 'string' ? name : name[0]))
  const numbers = texts.map(text => (/^-?\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY))
  return (a, b) => compare(numbers[a] ?? 0, numbers[b] ?? 0) || compareText(texts[a] ?? '', texts[b] ?? '')
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const collator = new Intl.Collator(undefined, { numeric: true })
const byName = (a: string, b: string) => collator.compare(a, b)
