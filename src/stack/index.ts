/** The door of the local stack, which is a package of its own: `weir-stack`. */
export { stackAddresses } from './addresses'
export { inWords } from './disk-fault'
export { lackingPrograms } from './downloads'
export { isSecured, logOf, stackCommand, stackHome } from './home'
export { findJava } from './programs'
export { securedLines } from './secure/settings'
export {
  type BrokerCount,
  resetStack,
  type ServiceName,
  type Stack,
  type StackOptions,
  serviceNames,
  startStack,
  stopStack,
} from './stack'
export { StackError, StartAborted } from './stack-error'
export { allServices, damagedState } from './state'
export { stackStatus } from './status'
export { logTail } from './supervise'
