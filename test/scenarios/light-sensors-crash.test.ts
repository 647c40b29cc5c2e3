import '../light/on-light-services'
import './sensors-crash.test'
