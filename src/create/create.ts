import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { ConfigError, NotFoundError } from '../errors'
import { createProject } from './create-project'
import { templates } from './templates'

const usualTemplate = 'sensors'
const list = Object.entries(templates)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')
const help = `npm create weir FOLDER [-- options]

Makes a project of weir-streams that runs: a schema, a topology, its test, made-up data, containers. It asks nothing.

  --template NAME    one of those below (${usualTemplate})
  --no-install       leave the packages to be installed later
  --packages FOLDER  weir's packages from tarballs (npm run pack), instead of the registry

${list}
`

/** The one that calls this: npm, pnpm, yarn or bun. */
const packageManager = (): string =>
  /^(npm|pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 'npm'

/** In the words of npm, pnpm, yarn and bun: one of weir's packages is not in their registry. */
const isUnpublished = (said: string): boolean =>
  /\b404\b/.test(said) && /\b(create-weir|weir-(streams|dashboard|stack))\b/.test(said)

/** Why there is no package of weir's, and what to do. */
const unpublished =
  "weir's packages aren't published in the registry that is asked: name the folder that holds them as tarballs, which `npm run pack` makes in a clone: --packages FOLDER"

/** A relative path may be typed as it is, and others may hold spaces. */
const quoted = (path: string): string => (/[^\w./-]/.test(path) ? `"${path}"` : path)

/** Makes a project as a command line says. @returns the exit code */
export function create(line: readonly string[], tell: (text: string) => void): number {
  const { values, positionals } = parsed(line)
  const { template, 'no-install': noInstall = false, packages: tarballs } = values
  if (values.help) {
    tell(help)
    return 0
  }
  const [folder, ...others] = positionals
  if (folder === undefined || others.length > 0) throw new ConfigError('name one folder: npm create weir my-app')
  const { name, kept, undo } = createProject({ folder, template, tarballs })
  const manager = packageManager()
  for (const file of kept) tell(`kept as it is: ${file}\n`)
  if (!noInstall) {
    tell(`${name}: installing packages (${manager} install) ...\n`)
    // What npm warns of (the engine that a package of a package would like) is nothing that a new user can act on.
    const quiet = manager === 'npm' ? ['--loglevel=error', '--no-fund', '--no-audit'] : []
    const { status, stderr } = spawnSync(manager, ['install', ...quiet], {
      ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
    })
    if (status !== 0 && isUnpublished(stderr ?? '')) {
      // The same command with the tarballs would else be refused for what is there.
      undo()
      throw new NotFoundError(`${unpublished}; what was written is taken back`)
    }
    process.stderr.write(stderr ?? '')
    if (status !== 0) {
      tell(`${name} is written; ${manager} install failed, see above: run it again in ${folder}\n`)
      return 1
    }
  }
  const steps = [
    folder === '.' ? [] : `cd ${quoted(folder)}`,
    noInstall ? `${manager} install` : [],
    `${manager} run dev`,
  ].flat()
  const rest = Object.keys(templates).filter(each => each !== template)
  tell(`${name} is made from the template ${template} (others: ${rest.join(', ')}). Now:\n\n`)
  tell(`${steps.map(step => `  ${step}\n`).join('')}\n`)
  return 0
}

function parsed(line: readonly string[]) {
  try {
    return parseArgs({
      args: [...line],
      allowPositionals: true,
      options: {
        template: { type: 'string', short: 't', default: usualTemplate },
        packages: { type: 'string' },
        'no-install': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    throw new ConfigError(`${(cause as Error).message}; npm create weir -- --help`, { cause })
  }
}
