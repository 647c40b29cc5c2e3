import { useMemo } from 'preact/hooks'
import type { Diagnosis, Finding } from '../../../vitals/diagnosis'
import { findingKey } from '../../../vitals/finding-key'
import { Mark } from './status'

/** What is wrong, and the chain from its cause to what one notices. */
export function Verdict({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  const { findings, colour, sentence } = diagnosis
  return (
    <>
      <Announcement findings={findings} sentence={sentence} />
      {findings.length === 0 ? (
        <p class={`verdict-line status ${colour}`}>
          <Mark tone={colour} />
          <span dir="auto">{sentence}</span>
        </p>
      ) : (
        <ul class="findings">
          {findings.map(finding => (
            <FindingItem key={findingKey(finding)} {...finding} />
          ))}
        </ul>
      )}
    </>
  )
}

/** What a screen reader reads out: once when something else is wrong, and not each second that it lasts. */
function Announcement({ findings, sentence }: Pick<Diagnosis, 'findings' | 'sentence'>) {
  const what = findings.map(findingKey).join()
  const told = useMemo(() => sentence, [what])
  return (
    <p class="sr-only" role="status" dir="auto">
      {told}
    </p>
  )
}

function FindingItem({ colour, sentence, chain }: Finding) {
  // The sentence is the chain's own first link as a rule: then it isn't said twice.
  const links = chain[0] === sentence ? chain.slice(1) : chain
  return (
    <li class={`finding ${colour}`}>
      <Mark tone={colour} />
      <div class="finding-words">
        <p class="finding-sentence">
          <bdi dir="auto">{sentence}</bdi>
        </p>
        {links.length > 0 && (
          <ol class="chain" aria-label="What follows from it">
            {links.map(link => (
              <li key={link}>
                <bdi dir="auto">{link}</bdi>
              </li>
            ))}
          </ol>
        )}
      </div>
    </li>
  )
}
