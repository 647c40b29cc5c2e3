/** As brokers name it: 4 is MQTT 3.1.1. Apart from the client, whose package only those install who write to MQTT. */
export type MqttVersion = 4 | 5
