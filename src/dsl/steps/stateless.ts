import { TopologyError } from '../../errors'
import type { Named } from '../face/options'
import type { Mapper, Predicate } from '../graph/functions'
import type { StreamNodeSpecs } from '../graph/stream-specs'
import { checkOneTopology, rekeyed, revalued, type StreamDraft } from './drafts'

export function filtered(
  stream: StreamDraft,
  predicate: Predicate,
  negate: boolean,
  { name }: Named = {},
): StreamDraft {
  return { ...stream, node: stream.builder.add('filter', [stream.node.id], { predicate, negate }, { name }) }
}

export function peeked(
  stream: StreamDraft,
  action: StreamNodeSpecs['peek']['action'],
  { name }: Named = {},
): StreamDraft {
  return { ...stream, node: stream.builder.add('peek', [stream.node.id], { action }, { name }) }
}

export function valuesMapped(stream: StreamDraft, mapper: Mapper, { name }: Named = {}): StreamDraft {
  return revalued(stream, stream.builder.add('mapValues', [stream.node.id], { mapper }, { name }))
}

export function valuesFlatMapped(
  stream: StreamDraft,
  mapper: Mapper<Iterable<unknown>>,
  { name }: Named = {},
): StreamDraft {
  return revalued(stream, stream.builder.add('flatMapValues', [stream.node.id], { mapper }, { name }))
}

export function mapped(
  stream: StreamDraft,
  mapper: StreamNodeSpecs['map']['mapper'],
  { name }: Named = {},
): StreamDraft {
  return rekeyed(stream, stream.builder.add('map', [stream.node.id], { mapper }, { name }))
}

export function flatMapped(
  stream: StreamDraft,
  mapper: StreamNodeSpecs['flatMap']['mapper'],
  { name }: Named = {},
): StreamDraft {
  return rekeyed(stream, stream.builder.add('flatMap', [stream.node.id], { mapper }, { name }))
}

export function keySelected(stream: StreamDraft, mapper: Mapper, { name }: Named = {}): StreamDraft {
  return rekeyed(stream, stream.builder.add('selectKey', [stream.node.id], { mapper }, { name }), stream.value)
}

export function piped(
  stream: StreamDraft,
  operator: StreamNodeSpecs['pipe']['operator'],
  { name }: Named = {},
): StreamDraft {
  return rekeyed(stream, stream.builder.add('pipe', [stream.node.id], { operator }, { name }))
}

export function merged(stream: StreamDraft, other: StreamDraft | undefined, { name }: Named = {}): StreamDraft {
  checkOneTopology(name ?? 'merge', 'both streams', stream.builder, other?.builder)
  const { node, rekeyed } = other as StreamDraft
  const parents = [...new Set([stream.node.id, node.id])]
  return {
    ...stream,
    rekeyed: stream.rekeyed || rekeyed,
    node: stream.builder.add('merge', parents, {}, { name }),
  }
}

/** The branches of a split by name, in the order in which they are tried. */
export function branched(
  stream: StreamDraft,
  branches: Readonly<Record<string, Predicate>>,
  fallback: string | undefined,
): [string, StreamDraft][] {
  const predicates = Object.values(branches)
  const split = {}
  const branch = (index: number): StreamDraft => ({
    ...stream,
    node: stream.builder.add('branch', [stream.node.id], { split, predicates, index }),
  })
  if (fallback !== undefined && fallback in branches)
    throw new TopologyError(`split: the default branch has the name of another one, "${fallback}"; rename it`)
  const names = [...Object.keys(branches), ...(fallback === undefined ? [] : [fallback])]
  return names.map((name, index) => [name, branch(index)])
}
