import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs'
import type { SecuredStack } from './secured-stack'

/** Forbids the application's user to write to a topic, by the administrator's certificate. */
export function denyWriting(secured: SecuredStack, topic: string) {
  const admin = new Kafka({
    brokers: secured.stack.addresses.kafkaBrokers.split(','),
    ssl: { ca: secured.text('ca.pem'), cert: secured.text('admin.pem'), key: secured.text('admin.key') },
    logLevel: logLevel.NOTHING,
  }).admin()
  const rule = (operation: AclOperationTypes, permissionType: AclPermissionTypes) => ({
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:weir',
    host: '*',
    ...{ operation, permissionType },
  })
  // With one rule for a topic there, all that no rule allows is forbidden.
  const rules = [
    rule(AclOperationTypes.ALL, AclPermissionTypes.ALLOW),
    rule(AclOperationTypes.WRITE, AclPermissionTypes.DENY),
  ]
  const asAdmin = async (work: () => Promise<unknown>) => {
    await admin.connect()
    try {
      await work()
    } finally {
      await admin.disconnect()
    }
  }
  return {
    add: () => asAdmin(() => admin.createAcls({ acl: rules })),
    remove: () => asAdmin(() => admin.deleteAcls({ filters: rules })),
  }
}
