/** Where the world may misbehave. Each is there with a chance of 25 % in a seed, and as often as the seed says. */
export const points = {
  connectionCut: 'a connection of a worker to Kafka breaks',
  slowLink: 'the way between a worker and a node takes long for a while',
  cloggedLink: 'nothing gets through between a worker and a node for a while',
  slicedBytes: 'bytes arrive in two parts',
  refusedBefore: 'a node answers with an error and has done nothing',
  wrongAfter: 'a node has done what was asked, and answers with an error',
  cutBefore: 'the connection breaks before a request is handled',
  cutAfter: 'the connection breaks once a request is handled, before the answer',
  slowAnswer: 'an answer takes long',
  slowHandling: 'a request waits long at a node before it is handled',
  nodeRestart: 'a node of Kafka is stopped and comes back',
  nodePause: 'a node of Kafka hangs for a while',
  leaderMove: 'another node leads a partition',
  coordinatorMove: 'another node coordinates the group or a transaction',
  slowMarkers: 'the markers of a transaction take their time',
  compaction: 'the changelogs are compacted now',
  workerKill: 'a worker is killed',
  workerVanish: 'the machine of a worker is gone: nobody closes its connections',
  killAtRequest: 'a worker is killed when Kafka has got its request, or has done it',
  killAtEnd: 'a worker is killed when an end has got its request, or has done it',
  workerPause: 'a worker is stopped for a while and goes on',
  workerRestart: 'a worker is stopped in good order and started again',
  workerMore: 'another worker joins and leaves',
  clockSkew: 'the clock of a worker is wrong',
  tableDown: 'the table end is down for a while',
  tableLost: 'the table end loses a request or its answer',
  tableSlow: 'the table end takes long',
  liveDown: 'the live end is down for a while',
  liveLost: 'the live end loses a request or its answer',
  liveSlow: 'the live end takes long',
  liveForgets: 'the live end restarts and has lost what it retained',
  poison: 'a record that is no JSON',
  burst: 'many records at once',
  outOfOrder: 'records are behind the time of their neighbours, within the grace',
  producerAbort: 'a producer aborts a transaction, whose records never were',
} as const

/** Of the real MQTT broker alone, drawn by themselves: what is drawn of the others doesn't depend on them. */
export const mqttPoints = {
  mqttClosed: 'the MQTT broker closes a connection',
  mqttPause: 'the MQTT broker hangs for a while',
  mqttRefused: 'the MQTT broker refuses a connection by its CONNACK',
} as const

/** Of a cluster that is kept; drawn by itself, too. */
export const keptPoints = {
  clusterCrash:
    'all nodes of Kafka are killed at once, in the midst of what they do, and come back with what they kept',
} as const

export type UsualPoint = keyof typeof points
export type MqttPoint = keyof typeof mqttPoints
export type KeptPoint = keyof typeof keptPoints
export type Point = UsualPoint | MqttPoint | KeptPoint
export const usualPoints = Object.keys(points) as readonly UsualPoint[]
export const brokerPoints = Object.keys(mqttPoints) as readonly MqttPoint[]
export const allPoints: readonly Point[] = [...usualPoints, ...brokerPoints, 'clusterCrash']
