import { isLevel } from './compatibility'
import { Refusal } from './refusal'
import type { SchemaText, Subjects, Version } from './subjects'

export interface Asked {
  readonly method: string
  /** Its parts, decoded. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly body: unknown
}

type Answer = object | string | number

/** One answer of Confluent's registry API. Throws Refusal. */
export function answerOf(subjects: Subjects, asked: Asked): Answer {
  const [top, ...rest] = asked.path
  const answer = top === undefined ? {} : AREAS[top]?.(subjects, asked, rest)
  if (answer === undefined) throw new Refusal(404, `HTTP 404 Not Found: ${asked.method} /${asked.path.join('/')}`)
  return answer
}

type Area = (subjects: Subjects, asked: Asked, rest: readonly string[]) => Answer | undefined

const AREAS: Readonly<Record<string, Area>> = {
  subjects: (subjects, asked, [name, versions, which, part]) => {
    const { method, query } = asked
    const withDeleted = query.get('deleted') === 'true'
    const isPermanent = query.get('permanent') === 'true'
    if (name === undefined) {
      const prefix = query.get('subjectPrefix') ?? ''
      return method === 'GET' ? subjects.names(withDeleted).filter(each => each.startsWith(prefix)) : undefined
    }
    if (versions === undefined && method === 'POST') return shown(subjects.lookUp(name, textOf(asked)))
    if (versions === undefined && method === 'DELETE') return subjects.delete(name, undefined, isPermanent)
    if (versions !== 'versions') return undefined
    if (which === undefined && method === 'POST') return { id: subjects.register(name, textOf(asked)).id }
    if (which === undefined && method === 'GET') return listed(subjects, name, withDeleted)
    if (which === undefined) return undefined
    if (method === 'DELETE') return subjects.delete(name, which, isPermanent)[0]
    const version = subjects.version(name, which, withDeleted)
    if (part === 'schema') return version.schema
    if (part === 'referencedby') return subjects.referringTo(version).map(({ id }) => id)
    return part === undefined ? shown(version) : undefined
  },
  schemas: (subjects, { method }, [kind, id, part]) => {
    if (method !== 'GET') return undefined
    if (kind === 'types') return ['AVRO', 'JSON']
    if (kind !== 'ids' || id === undefined) return undefined
    const { schema, references, type } = subjects.textOf(Number(id))
    if (part === undefined) return { schema, ...typed(type), ...(references.length > 0 && { references }) }
    if (part === 'schema') return schema
    const versions = subjects.withId(Number(id)).map(({ subject, version }) => ({ subject, version }))
    if (part === 'subjects') return [...new Set(versions.map(({ subject }) => subject))]
    return part === 'versions' ? versions : undefined
  },
  config: (subjects, asked, [name]) => {
    const level = stringOf(asked.body, 'compatibility')
    if (asked.method === 'PUT') {
      if (level === undefined || !isLevel(level)) throw new Refusal(42203, 'Invalid compatibility level.')
      if (name === undefined) subjects.globalLevel = level
      else subjects.setLevel(name, level)
      return { compatibility: level }
    }
    if (asked.method === 'DELETE' && name !== undefined) {
      const compatibility = subjects.levelOf(name)
      subjects.setLevel(name, undefined)
      return { compatibility }
    }
    if (asked.method !== 'GET') return undefined
    const own = name === undefined ? subjects.globalLevel : subjects.ownLevelOf(name)
    const found = own ?? (asked.query.get('defaultToGlobal') === 'true' ? subjects.globalLevel : undefined)
    if (found !== undefined) return { compatibilityLevel: found }
    throw new Refusal(40408, `Subject '${name}' does not have subject-level compatibility configured`)
  },
  compatibility: (subjects, asked, [kind, name, versions, which]) => {
    if (asked.method !== 'POST' || kind !== 'subjects' || name === undefined || versions !== 'versions')
      return undefined
    const judged = which === undefined ? subjects.versions(name) : [subjects.version(name, which)]
    const messages = subjects.faultsOf(name, textOf(asked), judged)
    return { is_compatible: messages.length === 0, ...(asked.query.get('verbose') === 'true' && { messages }) }
  },
  mode: (_subjects, { method }) => (method === 'GET' ? { mode: 'READWRITE' } : undefined),
}

function listed(subjects: Subjects, name: string, withDeleted: boolean): number[] {
  const versions = subjects.versions(name, withDeleted)
  if (versions.length === 0) throw new Refusal(40401, `Subject '${name}' not found.`)
  return versions.map(({ version }) => version)
}

/** Avro goes without saying. */
const typed = (type: SchemaText['type']) => type !== 'AVRO' && { schemaType: type }

const shown = ({ subject, version, id, schema, references, type }: Version) => ({
  ...{ subject, version, id, schema, ...typed(type) },
  ...(references.length > 0 && { references }),
})

function stringOf(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  return typeof value === 'string' ? value : undefined
}

function textOf({ body }: Asked): SchemaText {
  const schema = stringOf(body, 'schema')
  if (schema === undefined || schema === '') throw new Refusal(42201, 'Empty schema')
  const type = stringOf(body, 'schemaType') ?? 'AVRO'
  if (type !== 'AVRO' && type !== 'JSON')
    throw new Refusal(42201, `Invalid schema type ${type}: the light registry knows AVRO and JSON`)
  const given: unknown = typeof body === 'object' && body !== null && 'references' in body ? body.references : []
  const references = (Array.isArray(given) ? given : []).map((each: unknown) => {
    const [name, subject] = [stringOf(each, 'name'), stringOf(each, 'subject')]
    const version: unknown = typeof each === 'object' && each !== null && 'version' in each ? each.version : undefined
    if (name === undefined || subject === undefined || typeof version !== 'number')
      throw new Refusal(42201, 'Invalid schema: a reference has a name, a subject and a version')
    return { name, subject, version }
  })
  return { schema, references, type }
}
