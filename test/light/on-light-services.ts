import { useLight } from '../scenarios/services'

/** Imported before a scenario's tests: they run on a light Kafka and a light registry, as programs of their own. */
useLight()
