export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** Which leader's epoch has written from where on (KIP-101). */
export class LeaderEpochs {
  private readonly starts: EpochStart[] = []

  all(): readonly EpochStart[] {
    return this.starts
  }

  note(epoch: number, offset: number): void {
    if ((this.starts.at(-1)?.epoch ?? -1) < epoch) this.starts.push({ epoch, startOffset: offset })
  }

  /** The largest epoch up to `wanted` that has written, and where its records end; -1 for both where there is none. */
  endOf(wanted: number, logEnd: number): { readonly epoch: number; readonly endOffset: number } {
    const found = this.starts.findLastIndex(({ epoch }) => epoch <= wanted)
    const epoch = this.starts[found]?.epoch
    if (epoch === undefined) return { epoch: -1, endOffset: -1 }
    return { epoch, endOffset: this.starts[found + 1]?.startOffset ?? logEnd }
  }
}
