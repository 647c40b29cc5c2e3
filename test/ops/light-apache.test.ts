import '../light/on-light-services'
import './apache.test'
