import type { SchemaView, SubjectView } from '../../contract'
import { Card, Pairs } from '../components/card'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Badge } from '../components/status'
import { TextView } from '../components/text-view'
import { useResource } from '../data/use-resource'
import type { ViewProps } from '../lib/routes'
import { pathTo } from '../lib/routes'
import { query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { Pick } from './field'
import { SchemaDifference } from './schema-difference'

/** A subject: the text of each version, and what changed from one to another. */
export default function SchemaPage({ route: { params } }: ViewProps) {
  const { subject = '' } = params
  const view = useResource('GET /api/subjects/:subject', { params: { subject } }, 5000)
  return (
    <>
      <PageHead title={subject} about={view.data && <Badge>{`compatibility ${view.data.compatibility}`}</Badge>} />
      <ResourceView of={view}>{data => <Versions view={data} />}</ResourceView>
    </>
  )
}

function Versions({ view: { subject, versions } }: { readonly view: SubjectView }) {
  const known = (text: string | undefined) => versions.find(each => String(each) === text)
  const version = known(query.value.version) ?? versions.at(-1)
  if (version === undefined) return null
  const before = known(query.value.from) ?? versions[versions.indexOf(version) - 1]
  const options = versions.map((each): readonly [string, string] => [String(each), `version ${each}`])
  return (
    <div class="stack">
      <div class="row">
        <Pick label="Shown" value={String(version)} options={options} change={text => setQuery({ version: text })} />
        {before !== undefined && (
          <Pick label="Against" value={String(before)} options={options} change={text => setQuery({ from: text })} />
        )}
      </div>
      {before !== undefined && <SchemaDifference subject={subject} from={before} to={version} />}
      <Text subject={subject} version={version} />
    </div>
  )
}

function Text({ subject, version }: { readonly subject: string; readonly version: number }) {
  const schema = useResource('GET /api/subjects/:subject/versions/:version', { params: { subject, version } })
  return (
    <Card title={`Version ${version}`}>
      <ResourceView of={schema}>
        {data => (
          <div class="stack">
            <Pairs pairs={factsOf(data)} />
            <TextView text={data.schema} label="Schema" />
          </div>
        )}
      </ResourceView>
    </Card>
  )
}

function factsOf({ id, type, references }: SchemaView) {
  const refers = references.map(({ name, subject, version }) => (
    <a key={name} href={`${pathTo('schema', { subject })}?version=${version}`}>
      <Foreign>{`${name} (${subject} ${version})`}</Foreign>{' '}
    </a>
  ))
  const facts = [
    ['Id', id],
    ['Type', type],
  ] as const
  return refers.length === 0 ? facts : [...facts, ['Refers to', refers] as const]
}
