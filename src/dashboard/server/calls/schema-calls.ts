import { diffSchemas } from '../../../ops/schema-diff'
import { pageOf } from '../paging'
import type { Reach } from '../reach'
import type { Handlers } from './handlers'

type SchemaCalls = Pick<
  Handlers,
  | 'GET /api/subjects'
  | 'GET /api/subjects/:subject'
  | 'GET /api/subjects/:subject/versions/:version'
  | 'GET /api/subjects/:subject/difference'
>

export function schemaCalls({ registry }: Reach): SchemaCalls {
  return {
    'GET /api/subjects': async ({ query }) => {
      const rows = (await registry.subjects()).map(subject => ({ subject }))
      return pageOf(rows, row => row.subject, query)
    },
    'GET /api/subjects/:subject': async ({ params: { subject } }) => {
      const [versions, compatibility] = await Promise.all([registry.versions(subject), registry.compatibility(subject)])
      return { subject, versions, compatibility }
    },
    'GET /api/subjects/:subject/versions/:version': ({ params: { subject, version } }) =>
      registry.version(subject, version),
    'GET /api/subjects/:subject/difference': async ({ params: { subject }, query: { from, to } }) => {
      const [before, after] = await Promise.all([registry.version(subject, from), registry.version(subject, to)])
      if (before.type !== 'AVRO' || after.type !== 'AVRO') return { subject, from, to, changes: [] }
      const changes = diffSchemas(await registry.whole(before), await registry.whole(after))
      return { subject, from, to, changes }
    },
  }
}
