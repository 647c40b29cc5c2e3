import { Command } from 'commander'
import { oneLine } from './exit-code'

/** Whichever verb a message is of, it begins with the name of the command that was typed. */
export const asWeirs = (text: string): string => text.replace(/^(error: )?/, 'weir: ')

/** The command of a program: what is wrong with its arguments is told as by any verb, with exit code 2. */
export const ownCommand = (name: string): Command =>
  new Command(name)
    .configureOutput({ outputError: (text, write) => write(asWeirs(text)) })
    .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

/** Says on stderr what a command failed with. */
export const tellError = (error: unknown): void => void process.stderr.write(`${asWeirs(oneLine(error))}\n`)
