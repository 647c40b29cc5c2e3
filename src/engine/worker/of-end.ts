import { ContentError, StreamError, UnfitError } from '../../errors'

/** Rejects as `answer` does, with an error that says whose it is: an outage of an end that names none would be taken for Kafka's. */
export async function ofEnd<T>(kind: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof StreamError && error.service === undefined) Object.assign(error, { service: `end ${kind}` })
    throw error
  }
}

/** An end that refuses something when it is opened refuses no record's content: to search for the record would never end. */
export async function opening<T>(kind: string, answer: Promise<T>): Promise<T> {
  try {
    return await ofEnd(kind, answer)
  } catch (error) {
    if (!(error instanceof ContentError)) throw error
    const { message, cause, service = '' } = error
    throw new UnfitError(message, { cause, service })
  }
}
