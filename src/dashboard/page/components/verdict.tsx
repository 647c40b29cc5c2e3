import type { Diagnosis, Finding } from '../../../vitals/diagnosis'
import { Mark } from './status'

/** What is wrong, and the chain from its cause to what one notices. */
export function Verdict({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  const { findings, colour, sentence } = diagnosis
  if (findings.length === 0)
    return (
      <p class={`verdict-line status ${colour}`}>
        <Mark tone={colour} />
        <span dir="auto">{sentence}</span>
      </p>
    )
  return (
    <ul class="findings">
      {findings.map(finding => (
        <FindingItem key={`${finding.kind} ${finding.chain[0] ?? finding.sentence}`} {...finding} />
      ))}
    </ul>
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
