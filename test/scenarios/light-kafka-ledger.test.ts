import '../light/on-light-kafka'
import './kafka-ledger.test'
