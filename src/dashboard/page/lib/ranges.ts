/** Different whole numbers in few letters: `0-9,12`. */
export const ranges = (numbers: readonly number[]): string =>
  [...numbers]
    .sort((a, b) => a - b)
    .map((each, i, all) => (all[i - 1] !== each - 1 ? `,${each}` : all[i + 1] === each + 1 ? '' : `-${each}`))
    .join('')
    .slice(1)
