import { stackCommand } from './home'

const loopback = /\blocalhost\b|\b127(\.\d{1,3}){3}\b|::1\b/

/** The command that starts a service, where an error or what caused it says that nothing listens for it on this machine; undefined for any other error. */
export function howToStart(error: unknown): string | undefined {
  const words: unknown[] = []
  for (let each = error; each instanceof Error; each = each.cause)
    words.push(each.message, (each as NodeJS.ErrnoException).code)
  const said = words.join(' ')
  return said.includes('ECONNREFUSED') && loopback.test(said) ? `${stackCommand} up` : undefined
}
