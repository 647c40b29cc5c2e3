import './on-lossy-kafka'
import '../scenarios/hanging-offsets.test'
