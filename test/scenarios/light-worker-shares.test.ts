import '../light/on-light-kafka'
import './worker-shares.test'
