import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly change: (value: string) => void
  readonly placeholder?: string
  /** Several lines. */
  readonly long?: boolean
  readonly disabled?: boolean
}

/** A text that is typed, as it is: nothing corrects it. */
export function Field({ label, value, change, placeholder, long = false, disabled = false }: FieldProps) {
  const id = useId()
  const given = { id, value, placeholder, disabled, dir: 'auto', autocomplete: 'off', spellcheck: false } as const
  return (
    <label class="field" for={id}>
      <span>{label}</span>
      {long ? (
        <textarea class="input mono" {...given} onInput={event => change(event.currentTarget.value)} />
      ) : (
        <input class="input mono" {...given} onInput={event => change(event.currentTarget.value)} />
      )}
    </label>
  )
}

interface PickProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [value: T, title: string])[]
  readonly change: (value: T) => void
}

/** One of several, in a list that opens. */
export function Pick<T extends string>({ label, value, options, change }: PickProps<T>) {
  const id = useId()
  const take = (text: string) => {
    const found = options.find(option => option[0] === text)
    if (found !== undefined) change(found[0])
  }
  return (
    <label class="field" for={id}>
      <span>{label}</span>
      <select class="input" id={id} value={value} onChange={event => take(event.currentTarget.value)}>
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}
