/** Codes of operations in what a broker says of rights (org.apache.kafka.common.acl.AclOperation). */
const operations = { Read: 3, Write: 4 } as const
export type Operation = keyof typeof operations
/** The least value: the broker says nothing of rights. */
const unsaid = -2_147_483_648

/** Whether the rights that a broker says this user has to a topic or a group (KIP-430) hold an operation. */
export const allows = (rights: number, operation: Operation): boolean =>
  rights === unsaid || (rights & (1 << operations[operation])) !== 0
