import type { Finding } from '../../connectors/finding'

/** A command at the end of what an error says. */
const atEnd = /^(.*?)(?:; (?:create|register|make) it)?[:;,] ((?:npx )?(?:weir|npm) [^;]+)$/s
const registering = /^(.*?): register it with (npx weir schemas register \S+ <file>.*)$/s
const quoted = /`((?:npx )?weir [^`]+)`/

/** A finding of an error's own words, and of the command among them. */
export function said({ message }: Error): Finding {
  const found = registering.exec(message) ?? atEnd.exec(message)
  if (found !== null) return { what: found[1] ?? message, mend: found[2] ?? '' }
  return { what: message, mend: quoted.exec(message)?.[1] ?? '' }
}
