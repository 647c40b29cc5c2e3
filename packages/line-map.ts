import { decode, encode } from '@jridgewell/sourcemap-codec'

interface SourceMap {
  readonly sources: readonly string[]
  readonly mappings: string
}

/**
 * A source map that knows lines and no columns. Those of a stack trace lead to the same line all the same, and the map is a ninth of the
 * size: columns are what a package's tarball would mostly consist of. Sources are named as in the repository; the package has none.
 */
export function lineMap(json: string): string {
  const { sources, mappings } = JSON.parse(json) as SourceMap
  const lines = decode(mappings).map(segments => {
    const first = segments.find(segment => segment.length > 1)
    return first === undefined ? [] : [[0, first[1]!, first[2]!, 0] as [number, number, number, number]]
  })
  const named = sources.map(each => each.replace(/^(\.\.\/)+/, ''))
  return JSON.stringify({ version: 3, sources: named, names: [], mappings: encode(lines) })
}
