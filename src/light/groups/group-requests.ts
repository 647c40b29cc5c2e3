export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinAnswer {
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Buffer
  }[]
}

export interface SyncAnswer {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}

export interface Join {
  /** Empty for a member that is new. */
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly Protocol[]
  /** Whether a new member is given its id first, and joins with it then (KIP-394). */
  readonly requiresId: boolean
  /** Whether a static leader that comes back may keep what was assigned (KIP-814). */
  readonly maySkipAssignment: boolean
}

/** Who says something to a group, and of which generation. */
export interface Claim {
  readonly memberId: string
  readonly instanceId: string | null
  readonly generationId: number
}

export const refusedJoin = (errorCode: number, memberId: string): JoinAnswer => ({
  ...{ errorCode, generationId: -1, protocolType: null, protocolName: null },
  ...{ leader: '', skipAssignment: false, memberId, members: [] },
})
