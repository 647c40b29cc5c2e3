import { StreamError } from '../errors'

/** The user asked for something that can't be: bad arguments, a bad expression. Exit code 2. */
export class UsageError extends StreamError {}

/** A topic, group, subject or partition does not exist. Exit code 3. */
export class NotFoundError extends StreamError {}

/** It exists, and it is not safe or not allowed to do that with it now. Nothing was changed. Exit code 4. */
export class RefusedError extends StreamError {}

/** All went well, and what was to be checked is not so. Exit code 5. */
export class CheckFailedError extends StreamError {}
