/** Null, as it is read from Kafka, or undefined, as an author's function may return it: both mean that there is no value. */
export const isNone = (value: unknown): value is null | undefined => value === null || value === undefined
