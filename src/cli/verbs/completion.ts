import { UsageError } from '../../ops/errors'
import { itemAt } from '../../required'
import { verb } from '../shared/verb'

/** The shell asks weir itself what may follow, so that topics and groups are completed too. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_weir() {
  local IFS=$'\\n'
  COMPREPLY=($(weir __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == __files ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _weir weir`,
  zsh: `#compdef weir
_weir() {
  local -a found
  found=(\${(f)"$(weir __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if [[ "\${found[1]}" == __files ]]; then _files; else compadd -a found; fi
}
if [[ "\${funcstack[1]}" == _weir ]]; then _weir "$@"; else compdef _weir weir; fi`,
  fish: `function __weir_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (weir __complete -- $words[2..-1] 2>/dev/null)
  if test "$found" = __files; __fish_complete_path (commandline -ct); else; printf '%s\\n' $found; end
end
complete -c weir -f -a '(__weir_complete)'`,
}

export default verb({
  arguments: [{ name: '<shell>', about: 'bash, zsh or fish', completes: Object.keys(SCRIPTS) }],
  about: 'Prints a script for the shell. Nouns, verbs and options are completed, topics, groups and subjects as well.',
  examples: [
    ['completion bash > /etc/bash_completion.d/weir', 'for bash; or: source <(weir completion bash)'],
    ['completion zsh > ~/.zsh/completions/_weir', 'for zsh, with that folder in fpath'],
    ['completion fish > ~/.config/fish/completions/weir.fish', 'for fish'],
  ],
  async run({ args, out }) {
    const script = SCRIPTS[itemAt(args, 0)]
    if (script === undefined) throw new UsageError(`"${args[0]}" is none of ${Object.keys(SCRIPTS).join(', ')}`)
    out.line(script)
  },
})
