import { plain } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { Named } from '../face/options'
import type { Mapper, Predicate } from '../graph/functions'
import type { StreamNodeSpecs } from '../graph/stream-specs'
import { checkStep, nameOf } from './checked-step'
import { checkOneTopology, rekeyed, revalued, type StreamDraft } from './drafts'

export function filtered(stream: StreamDraft, predicate: Predicate, negate: boolean, options?: Named): StreamDraft {
  return {
    ...stream,
    node: stream.builder.add(
      'filter',
      [stream.node.id],
      { predicate, negate },
      nameOf(negate ? 'filterNot' : 'filter', options),
    ),
  }
}

export function peeked(stream: StreamDraft, action: StreamNodeSpecs['peek']['action'], options?: Named): StreamDraft {
  return { ...stream, node: stream.builder.add('peek', [stream.node.id], { action }, nameOf('peek', options)) }
}

export function valuesMapped(stream: StreamDraft, mapper: Mapper, options?: Named): StreamDraft {
  return revalued(stream, stream.builder.add('mapValues', [stream.node.id], { mapper }, nameOf('mapValues', options)))
}

export function valuesFlatMapped(stream: StreamDraft, mapper: Mapper<Iterable<unknown>>, options?: Named): StreamDraft {
  return revalued(
    stream,
    stream.builder.add('flatMapValues', [stream.node.id], { mapper }, nameOf('flatMapValues', options)),
  )
}

export function mapped(stream: StreamDraft, mapper: StreamNodeSpecs['map']['mapper'], options?: Named): StreamDraft {
  return rekeyed(stream, stream.builder.add('map', [stream.node.id], { mapper }, nameOf('map', options)))
}

export function flatMapped(
  stream: StreamDraft,
  mapper: StreamNodeSpecs['flatMap']['mapper'],
  options?: Named,
): StreamDraft {
  return rekeyed(stream, stream.builder.add('flatMap', [stream.node.id], { mapper }, nameOf('flatMap', options)))
}

export function keySelected(stream: StreamDraft, mapper: Mapper, options?: Named): StreamDraft {
  return rekeyed(
    stream,
    stream.builder.add('selectKey', [stream.node.id], { mapper }, nameOf('selectKey', options)),
    stream.value,
  )
}

export function piped(
  stream: StreamDraft,
  operator: StreamNodeSpecs['pipe']['operator'],
  options?: Named,
): StreamDraft {
  return rekeyed(stream, stream.builder.add('pipe', [stream.node.id], { operator }, nameOf('pipe', options)))
}

export function merged(stream: StreamDraft, other: StreamDraft | undefined, options?: Named): StreamDraft {
  const { name } = nameOf('merge', options)
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
  options?: { readonly default: string },
): [string, StreamDraft][] {
  checkStep('split', options, 'split')
  if (!plain.fits(branches))
    throw new TopologyError('split: give it the branches by name, as { large: order => order.total > 100 }')
  const fallback = options?.default
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
