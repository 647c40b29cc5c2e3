/**
 * Asks one after the other, the next as soon as one fails or has said nothing for `patienceMs`, and takes the first answer: one
 * that hangs costs no more than that. Rejects with the last failure when all have failed.
 */
export function firstAnswer<T>(asks: readonly (() => Promise<T>)[], patienceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let next = 0
    let failures = 0
    let timer: NodeJS.Timeout | undefined
    const askNext = () => {
      clearTimeout(timer)
      const ask = asks[next++]
      if (ask === undefined) return
      timer = setTimeout(askNext, patienceMs)
      ask().then(
        answer => {
          clearTimeout(timer)
          next = asks.length
          resolve(answer)
        },
        error => {
          if (++failures < asks.length) askNext()
          else {
            clearTimeout(timer)
            reject(error)
          }
        },
      )
    }
    askNext()
  })
}
