import '../light/on-light-services'
import './cheat-sheet.test'
