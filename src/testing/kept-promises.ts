import type { CrashReport } from './crash-points'

/** How many of the crashes that broke a promise a message tells. */
const mostTold = 3

/** A promise was broken by a crash, or none was tried. What became of each crash is in `reports`. */
export class CrashesError extends Error {
  constructor(
    message: string,
    readonly reports: readonly CrashReport[],
  ) {
    super(message)
    this.name = new.target.name
  }
}

/** The reports of crashes that all kept every promise. Throws CrashesError where one didn't, or where nothing crashed: that proves nothing. */
export function keptPromises(reports: readonly CrashReport[]): CrashReport[] {
  if (reports.length === 0)
    throw new CrashesError('nothing was committed, so that no crash could be tried: pipe records first', reports)
  const broken = reports.filter(({ ok }) => !ok)
  if (broken.length === 0) return [...reports]
  const told = broken.slice(0, mostTold).map(({ point, commit, violations }) => {
    return `  ${point} of commit ${commit}: ${violations.join('; ')}`
  })
  const others = broken.length > mostTold ? [`  and ${broken.length - mostTold} more`] : []
  const first = `${broken.length} of ${reports.length} crashes broke a promise; a step that keeps its memory outside of its store, or asks a clock or chance, answers otherwise when a record comes again`
  throw new CrashesError([first, ...told, ...others].join('\n'), reports)
}
