import '../light/on-light-kafka'
import './kafka-group.test'
