import type { AvroTypeJson } from '../../codecs/avro-schema'
import { inlineReferences } from '../../codecs/inline-references'
import { parseSchema } from '../../codecs/schema-text'
import { compatibilityFaults, isLevel, type Level } from './compatibility'
import { Refusal } from './refusal'

export interface Reference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema as it is given, with what it refers to. */
export interface SchemaText {
  readonly schema: string
  readonly type: 'AVRO' | 'JSON'
  readonly references: readonly Reference[]
}

/** One version of a subject. */
export interface Version extends SchemaText {
  readonly subject: string
  readonly version: number
  readonly id: number
  isDeleted: boolean
}

interface Subject {
  readonly versions: Version[]
  level: Level | undefined
}

/** All that a registry has, as it is kept. */
export interface KeptSubjects {
  readonly globalLevel: Level
  readonly texts: readonly SchemaText[]
  readonly subjects: readonly (readonly [name: string, subject: Subject])[]
}

/** Subjects, their versions and ids, as Confluent's registry keeps them: in memory, and without a clock. */
export class Subjects {
  private readonly subjects = new Map<string, Subject>()
  private readonly texts: SchemaText[]
  private level: Level

  /** Begins with what was kept. `changed` is called after each change. */
  constructor(
    private readonly changed: () => void = () => {},
    { globalLevel, texts, subjects }: KeptSubjects = { globalLevel: 'BACKWARD', texts: [], subjects: [] },
  ) {
    this.level = globalLevel
    this.texts = [...texts]
    for (const [name, subject] of subjects) this.subjects.set(name, subject)
  }

  get kept(): KeptSubjects {
    return { globalLevel: this.globalLevel, texts: this.texts, subjects: [...this.subjects] }
  }

  get globalLevel(): Level {
    return this.level
  }

  set globalLevel(level: Level) {
    this.level = level
    this.changed()
  }

  /** Names in their order. */
  names(withDeleted: boolean): string[] {
    return [...this.subjects.keys()].filter(name => this.versions(name, withDeleted).length > 0).sort()
  }

  versions(name: string, withDeleted = false): Version[] {
    return (this.subjects.get(name)?.versions ?? []).filter(each => withDeleted || !each.isDeleted)
  }

  /** Throws Refusal where there is none. */
  version(name: string, which: string, withDeleted = false): Version {
    const versions = this.versions(name, withDeleted)
    if (versions.length === 0) throw new Refusal(40401, `Subject '${name}' not found.`)
    const isLatest = which === 'latest' || which === '-1'
    if (!isLatest && !/^[1-9]\d{0,8}$/.test(which))
      throw new Refusal(42202, `The specified version '${which}' is not a valid version id.`)
    const found = isLatest ? versions.at(-1) : versions.find(each => each.version === Number(which))
    if (found === undefined) throw new Refusal(40402, `Version ${which} not found.`)
    return found
  }

  textOf(id: number): SchemaText {
    const text = this.texts[id - 1]
    if (text === undefined) throw new Refusal(40403, `Schema ${id} not found`)
    return text
  }

  withId(id: number): Version[] {
    this.textOf(id)
    return [...this.subjects.keys()].sort().flatMap(name => this.versions(name).filter(each => each.id === id))
  }

  /** The versions that refer to this one. */
  referringTo({ subject, version }: Version): Version[] {
    const refers = (each: Version) => each.references.some(to => to.subject === subject && to.version === version)
    return [...this.subjects.keys()].flatMap(name => this.versions(name).filter(refers))
  }

  /** The version that has this very schema; throws Refusal where none has. */
  lookUp(name: string, text: SchemaText): Version {
    if (this.versions(name).length === 0) throw new Refusal(40401, `Subject '${name}' not found.`)
    const found = this.versions(name).find(each => isSame(each, text))
    if (found === undefined) throw new Refusal(40403, 'Schema not found')
    return found
  }

  /** Gives the subject a version with the schema, unless it has one. Throws Refusal where it is no schema, or is incompatible. */
  register(name: string, text: SchemaText): Version {
    if (text.type === 'AVRO') this.resolved(text)
    else checkJson(text.schema)
    const known = this.versions(name).find(each => isSame(each, text))
    if (known !== undefined) return known
    const faults = this.faultsOf(name, text, this.versions(name))
    if (faults.length > 0)
      throw new Refusal(
        409,
        `Schema being registered is incompatible with an earlier schema for subject "${name}": ${faults.join('; ')}`,
      )
    const subject = this.subjectOf(name)
    const version = (subject.versions.at(-1)?.version ?? 0) + 1
    const added = { ...text, subject: name, version, id: this.idOf(text), isDeleted: false }
    subject.versions.push(added)
    this.changed()
    return added
  }

  /** Why the subject's level doesn't allow the schema beside `versions`; empty where it does. */
  faultsOf(name: string, text: SchemaText, versions: readonly Version[]): string[] {
    const other = versions.find(each => each.type !== text.type)
    if (other !== undefined) return [`version ${other.version} is of ${other.type}, and this is of ${text.type}`]
    // What follows which is judged of Avro alone.
    if (text.type !== 'AVRO') return []
    const next = this.resolved(text)
    const before = versions.map(each => this.resolved(each))
    return compatibilityFaults(this.levelOf(name), next, before)
  }

  /** Hides versions, or forgets hidden ones for good. */
  delete(name: string, which: string | undefined, isPermanent: boolean): number[] {
    if (which !== undefined) {
      const version = this.version(name, which, isPermanent)
      this.deleteOne(version, isPermanent)
      return [version.version]
    }
    const versions = this.versions(name, isPermanent)
    if (versions.length === 0) throw new Refusal(40401, `Subject '${name}' not found.`)
    if (isPermanent && versions.some(each => !each.isDeleted))
      throw new Refusal(40405, `Subject '${name}' was not deleted first before being permanently deleted`)
    for (const version of versions) this.deleteOne(version, isPermanent)
    return versions.map(({ version }) => version)
  }

  levelOf(name: string): Level {
    return this.subjects.get(name)?.level ?? this.globalLevel
  }

  ownLevelOf(name: string): Level | undefined {
    return this.subjects.get(name)?.level
  }

  /** Undefined: that of all subjects. */
  setLevel(name: string, level: string | undefined): void {
    if (level !== undefined && !isLevel(level)) throw new Refusal(42203, 'Invalid compatibility level.')
    this.subjectOf(name).level = level
    this.changed()
  }

  private deleteOne(version: Version, isPermanent: boolean): void {
    const [user] = this.referringTo(version)
    if (user !== undefined)
      throw new Refusal(42206, `One or more references exist to the schema: ${user.subject} version ${user.version}`)
    if (!isPermanent) version.isDeleted = true
    else if (!version.isDeleted)
      throw new Refusal(
        40407,
        `Subject '${version.subject}' Version ${version.version} was not deleted first before being permanently deleted`,
      )
    else {
      const { versions } = this.subjectOf(version.subject)
      versions.splice(versions.indexOf(version), 1)
    }
    this.changed()
  }

  private subjectOf(name: string): Subject {
    const subject = this.subjects.get(name) ?? { versions: [], level: undefined }
    this.subjects.set(name, subject)
    return subject
  }

  /** The same schema has the same id in all subjects. */
  private idOf(text: SchemaText): number {
    const known = this.texts.findIndex(each => isSame(each, text))
    return known >= 0
      ? known + 1
      : this.texts.push({ schema: text.schema, type: text.type, references: text.references })
  }

  /** With all that it refers to, at any remove, written out. */
  private resolved({ schema, references }: SchemaText): AvroTypeJson {
    try {
      return inlineReferences(parseSchema(schema), this.referenced(references)) as AvroTypeJson
    } catch (error) {
      if (error instanceof Refusal) throw error
      throw new Refusal(42201, `Invalid schema ${schema}: ${error instanceof Error ? error.message : error}`)
    }
  }

  private referenced(references: readonly Reference[]): unknown[] {
    return references.flatMap(({ subject, version }) => {
      const found = this.version(subject, String(version))
      return [parseSchema(found.schema), ...this.referenced(found.references)]
    })
  }
}

function checkJson(schema: string): void {
  try {
    parseSchema(schema)
  } catch (error) {
    throw new Refusal(42201, `Invalid schema: ${error instanceof Error ? error.message : error}`)
  }
}

function isSame(a: SchemaText, b: SchemaText): boolean {
  return (
    JSON.stringify([a.type, normal(a.schema), a.references]) ===
    JSON.stringify([b.type, normal(b.schema), b.references])
  )
}

/** Blanks make no other schema. */
function normal(schema: string): unknown {
  try {
    return JSON.parse(schema)
  } catch {
    return schema
  }
}
