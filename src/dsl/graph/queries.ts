/** How a running topology is asked for what its stores hold: names only, as everything in a topology. */
export interface Queries {
  /** What a key is called: the option of `weir ask` (`--sensor 42`), and the key's place in `mqtt`. */
  readonly key: string
  /** Stores by the names that are asked for (`--window 1m`); the first one where none is named. */
  readonly stores: Readonly<Record<string, string>>
  /** The topic of MQTT 5 requests, the key in braces as one whole level: `sensors/{sensor}/get`. */
  readonly mqtt?: string
  /**
   * MQTT answers go to this topic and to those below it, whatever a request's response topic says; default `answers`. Never to topics that
   * the topology itself writes or listens to.
   */
  readonly mqttReplies?: string
  /** Further topics that answers may be sent to; questions that name any other than these and the application's own get none. */
  readonly replyTopics?: readonly string[]
}
