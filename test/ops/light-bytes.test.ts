import '../light/on-light-services'
import './bytes.test'
