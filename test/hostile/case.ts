import type { TopicSpec } from '../../src/connectors/kafka'
import type { Topology } from '../../src/index'
import type { Scene } from './scene'

/** Names of one run of a case, so that runs share the services. */
export interface Names {
  /** The application, and what its topics and tables begin with. */
  readonly run: string
  topic(name: string): string
}

/** One of several inputs of a case. */
export interface Row {
  readonly came: string
  readonly out: string
  readonly isRight: boolean
}

/** Something that comes in, and what has to come out of it. */
export interface Hostile {
  /** The letter of the promise that it attacks, and a number: `A3`. */
  readonly id: string
  /** What comes in, in a few words. */
  readonly came: string
  /** Topics that are there before the worker starts, by short name; partitions and settings. */
  readonly topics: Readonly<Record<string, Omit<TopicSpec, 'topic'>>>
  topology(names: Names): Topology
  /** The case has an MQTT broker of its own: lines of mosquitto.conf, and of its ACL file where not everything is allowed. */
  readonly broker?: { readonly settings?: readonly string[]; readonly rights?: readonly string[] }
  /** Settings of the worker beside where the services are. */
  readonly settings?: Readonly<Record<string, string>>
  /** What has to be there before the worker starts; gives settings of it that are known only then. */
  before?(scene: Scene): Promise<Readonly<Record<string, string>>>
  /**
   * Sends what comes in and waits for what has to come out; gives it in words, or a row for each of several inputs. @throws when
   * anything else came out
   */
  run(scene: Scene): Promise<string | readonly Row[]>
  /** Part of every check of the whole project; the others run on demand. */
  readonly isQuick?: boolean
}
