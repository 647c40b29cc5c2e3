import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { complete } from '../../src/cli/shell/complete'
import { meantBy } from '../../src/cli/shell/foreign/meant-by'
import { parse } from '../../src/cli/shell/program'
import { weir } from '../ops/weir'

describe('other names of nouns and verbs', () => {
  test.each([
    ['topology ls', 'topology list'],
    ['topologies ls', 'topology list'],
    ['help topic ls', 'help topics list'],
    ['schema desc --help', 'schemas desc --help'],
    ['dlq ls --help', 'dead-letters list --help'],
    ['group rm --help', 'groups delete --help'],
    ['topic new --help', 'topics create --help'],
  ])('weir %s is weir %s', async (other, own) => {
    expect(await weir(other.split(' '))).toEqual(await weir(own.split(' ')))
  })

  test('are completed as the others are', async () => {
    expect(await complete(['topic', 'de'])).toEqual(await complete(['topics', 'de']))
    expect(await complete(['schema', 'rm', 's', '--perm'])).toEqual(['--permanent'])
  })
})

/** A line as a shell splits it. */
const split = (line: string) =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll(/'([^']*)'/g, '$1'))

/** Whether weir takes the line as it is. */
async function isTaken(line: string): Promise<boolean> {
  const [, ...words] = split(line.replace(/ < .*$/, ''))
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  return typeof (await parse(words, streams)) === 'object'
}

describe("lines as Kafka's scripts and kcat have them", () => {
  test.each([
    ['kafka-topics.sh --bootstrap-server b:9092 --list', 'weir topics list -b b:9092'],
    ['/opt/kafka/bin/kafka-topics.sh --describe --topic t', 'weir topics describe t'],
    [
      'kafka-topics --create --topic t --partitions 3 --replication-factor 2 --config a=b',
      'weir topics create t -p 3 -r 2 -c a=b',
    ],
    ['kafka-topics --delete --topic t', 'weir topics delete t --yes'],
    ['kafka-topics --alter --topic t --partitions 9', 'weir topics config t --partitions 9 --yes'],
    ['topics --list --bootstrap-server b:9092', 'weir topics list -b b:9092'],
    ['topic --describe --topic t', 'weir topics describe t'],
    ['topics list --bootstrap-server b:9092', 'weir topics list -b b:9092'],
    ['topics describe --topic t', 'weir topics describe t'],
    ['kafka-console-consumer --topic t --from-beginning --max-messages 5', 'weir consume t -n 5'],
    ['kafka-console-consumer --topic t', 'weir consume t --offset latest'],
    ['kafka-console-consumer --topic t --group g --property print.key=true', "weir consume t -g g -f '%k\\t%s\\n'"],
    ["kafka-console-consumer --include 'a.*,b' --from-beginning", "weir consume '/^(a.*|b)$/'"],
    ['groups reset --group g --topic t --to earliest', 'weir groups reset g --topic t --to earliest'],
    ['peek -t t', 'weir peek t'],
    ['consume -t t --from-beginning', 'weir consume t'],
    ['consume t -o end', 'weir consume t --offset latest'],
    ['consume t -o beginning -e -c 5', 'weir consume t -n 5 -e'],
    ['consume t -o -5 --value-format json', 'weir consume t --offset -5 --value-format json'],
    ["consume --topic t --filter 'value == 1'", "weir consume t --filter 'value == 1'"],
    ['consume --topic t --bootstrap-server b:9092 -o json', 'weir consume t -o json -b b:9092'],
    [
      'kafka-console-producer --bootstrap-server b:9092 --topic t --property parse.key=true --property key.separator=:',
      'weir produce t -K : -b b:9092',
    ],
    ['kafka-console-producer --topic t --compression-codec lz4', 'weir produce t --compression lz4'],
    ['produce -t t -K: -P', 'weir produce t -K :'],
    ['kafka-consumer-groups --list', 'weir groups list'],
    ['groups --describe --group g', 'weir groups describe g'],
    ['kafka-consumer-groups --describe --group g --members --verbose', 'weir groups members g'],
    [
      'kafka-consumer-groups --reset-offsets --group g --topic t:0,2 --to-datetime 2026-11-22T15:00:00Z --execute',
      'weir groups reset g -t t:0,2 --to @2026-11-22T15:00:00Z --execute',
    ],
    [
      'kafka-consumer-groups --reset-offsets --group g --all-topics --by-duration PT2H --dry-run',
      'weir groups reset g --all-topics --to @-2h',
    ],
    [
      'kafka-consumer-groups --reset-offsets --group g --from-file f.csv --execute',
      'weir groups import f.csv -g g --execute',
    ],
    ['kafka-consumer-groups --reset-offsets --group g --topic t --to-current --export', 'weir groups export g'],
    ['kafka-consumer-groups --delete --group g', 'weir groups delete g --yes'],
    [
      'kafka-configs --entity-type topics --entity-name t --alter --add-config a=1,b=[x,y] --delete-config c',
      "weir topics config t --set a=1 --set 'b=[x,y]' --unset c --yes",
    ],
    ['kafka-get-offsets --topic t --time 1700000000000', 'weir topics offsets t --at 1700000000000'],
    ['kafka-broker-api-versions --bootstrap-server b:9092', 'weir cluster -b b:9092'],
    ['kafka-topics --describe --under-replicated-partitions', 'weir cluster'],
    ['kafka-groups.sh --list', 'weir groups list'],
    ['kafka-log-dirs.sh --describe --topic-list t,u', 'weir topics describe t u'],
    [
      'kafka-run-class.sh kafka.tools.GetOffsetShell --broker-list b:9092 --topic t --time -1',
      'weir topics offsets t -b b:9092',
    ],
    [
      'kafka-avro-console-consumer --topic t --from-beginning --property schema.registry.url=http://r',
      'weir consume t --registry http://r',
    ],
    ['kafka-streams-application-reset.sh --application-id a --input-topics t', 'weir topology reset a --execute'],
    ['kafka-streams-application-reset --application-id a --dry-run --to-latest', 'weir topology reset a --to latest'],
    ['kcat -b b:9092 -L', 'weir topics list -b b:9092'],
    ['-b b:9092 -L -t t', 'weir topics describe t -b b:9092'],
    ['-C -t t -o end', 'weir consume t --offset latest'],
    ['-C -t t -oend -c5 -eq -p 1', 'weir consume t --offset latest -p 1 -n 5 -e'],
    ['-b b:9092 -t t -C -o s@1700000000000 -e', 'weir consume t --offset @1700000000000 -e -b b:9092'],
    ["-C -t t -e -f '%k %s\\n'", "weir consume t -e -f '%k %s\\n'"],
    [
      '-C -t t -K: -s value=avro -s key=q -r http://r',
      "weir consume t -f '%k:%s\\n' --value-format avro --key-format long --registry http://r",
    ],
    ['-P -t t -K: -z gzip -H a=b -l in.txt', 'weir produce t -K : -H a=b --compression gzip < in.txt'],
    ['-Q -t t:1:-1', 'weir topics offsets t -p 1'],
    ['kcat -G g -e t u', 'weir consume t u -g g -e'],
    ['list topics', 'weir topics list'],
    ['describe topic t', 'weir topics describe t'],
    ['delete group g', 'weir groups delete g'],
  ])('%s: %s', async (other, own) => {
    const ran = await weir(split(other))
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toContain(`In weir that is:\n  ${own}\n`)
    expect(await isTaken(own)).toBe(true)
  })

  test('each line of the cheat sheet has an answer that weir takes', async () => {
    const sheet = readFileSync(join(__dirname, '../../src/cli/README.md'), 'utf8')
    const lines = [...sheet.matchAll(/`([^`]*\b(?:kafka-[\w-]+\.sh|kcat) [^`]*)`/g)].map(([, cell = '']) =>
      cell
        .replaceAll('\\|', '|')
        .replace(/^.*?\| *(?=kafka-|kcat)/, '')
        .replace(/ \|.*$/, ''),
    )
    const answers = lines
      .filter(line => /^(kafka-|kcat)/.test(line))
      .map(line => meantBy(split(line.replaceAll(/\$\(\(.*?\)\)/g, '1700000000000')))?.line)
    expect(answers.length).toBeGreaterThan(25)
    for (const answer of answers) {
      expect(answer).toMatch(/^weir /)
      expect([answer, await isTaken(answer ?? '')]).toEqual([answer, true])
    }
  })

  test.each([
    ['kafka-server-start.sh config/server.properties', 'weir stack up'],
    ['kafka-server-stop.sh', 'weir stack down'],
  ])('%s: %s', async (other, own) => {
    expect((await weir(split(other))).stderr).toContain(`In weir that is:\n  ${own}\n`)
  })

  test.each([
    ['kafka-acls.sh --list', 'weir doctor my.ts'],
    ['/opt/kafka/bin/kafka-reassign-partitions.sh --verify', 'kafka-reassign-partitions.sh works beside it'],
    ['kafka-configs.sh --entity-type users --entity-name u --describe', 'kafka-configs.sh works beside it'],
    ['kafka-run-class.sh kafka.tools.MirrorMaker', 'kafka-run-class.sh works beside it'],
  ])('weir has nothing for %s, and says so', async (other, said) => {
    const ran = await weir(split(other))
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toContain(said)
    expect(ran.stderr).not.toContain('In weir that is')
  })

  test('what weir has nothing for is named', () => {
    expect(meantBy(['-C', '-t', 't', '-X', 'security.protocol=SSL'])?.leftOut).toEqual(['-X', 'security.protocol=SSL'])
  })

  test.each([
    'topics lst',
    'consume t --ofset 3',
    'consume',
    'nonsense',
    'topics list -o xml',
    'groups reset g -t t --too x',
  ])('a slip of weir’s own (%s) is answered as before', async line => {
    const ran = await weir(line.split(' '))
    expect([ran.code, ran.stderr]).toEqual([2, expect.not.stringContaining('In weir that is')])
  })
})
