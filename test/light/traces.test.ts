import './on-light-kafka'
import '../scenarios/traces.test'
