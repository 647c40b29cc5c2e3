import { itemAt } from '../../../required'

interface Flag {
  readonly name: string
  readonly value: string | undefined
  isTaken: boolean
}

/** The words of a command line as its flags and the rest. What nobody has taken is left. */
export class Words {
  readonly plain: readonly string[]
  private readonly flags: Flag[] = []

  /** `valued` are the flags that take a value, `-o` and `--offset`; of others `-eq` is `-e -q`, and `-oend` is `-o end` of these. */
  constructor(line: readonly string[], valued: ReadonlySet<string>) {
    const plain: string[] = []
    const add = (name: string, value?: string) => this.flags.push({ name, value, isTaken: false })
    for (let i = 0; i < line.length; i++) {
      const word = itemAt(line, i)
      const equals = word.startsWith('--') ? word.indexOf('=') : -1
      if (!word.startsWith('-') || word === '-') plain.push(word)
      else if (equals > 0) add(word.slice(0, equals), word.slice(equals + 1))
      else if (valued.has(word)) add(word, line[++i])
      else if (word.startsWith('--')) add(word)
      else if (this.addShort(word.slice(1), valued, add)) add(`-${word.at(-1)}`, line[++i])
    }
    this.plain = plain
  }

  /** True where the last letter takes the next word as its value. */
  private addShort(
    letters: string,
    valued: ReadonlySet<string>,
    add: (name: string, value?: string) => unknown,
  ): boolean {
    for (let i = 0; i < letters.length; i++) {
      const flag = `-${letters[i]}`
      if (!valued.has(flag)) add(flag)
      else if (i === letters.length - 1) return true
      else {
        add(flag, letters.slice(i + 1))
        return false
      }
    }
    return false
  }

  has(...names: readonly string[]): boolean {
    return this.take(names).length > 0
  }

  /** The value that was given last; undefined for none. */
  value(...names: readonly string[]): string | undefined {
    return this.take(names).at(-1)?.value
  }

  values(...names: readonly string[]): string[] {
    return this.take(names).flatMap(({ value }) => value ?? [])
  }

  /** Flags that nobody has asked for, with their values; on demand only those of these names, or all others. */
  left(isWanted: (name: string) => boolean = () => true): string[] {
    return this.flags.flatMap(({ name, value, isTaken }) =>
      isTaken || !isWanted(name) ? [] : value === undefined ? [name] : [name, value],
    )
  }

  private take(names: readonly string[]): Flag[] {
    const found = this.flags.filter(({ name }) => names.includes(name))
    for (const flag of found) flag.isTaken = true
    return found
  }
}

/** A flag with its value, where there is one. */
export const given = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value])

export const brokersIn = (words: Words): string[] =>
  given('-b', words.value('-b', '--bootstrap-server', '--bootstrap-servers', '--broker-list', '--brokers'))
