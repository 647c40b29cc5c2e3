import './on-light-kafka'
import '../scenarios/kafka-reader.test'
