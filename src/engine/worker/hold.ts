/** A pause that somebody else ends. */
export class Hold {
  /** Ends the pause. */
  end = (): void => {}
  readonly over = new Promise<void>(resolve => {
    this.end = resolve
  })
}
