import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { fileNames, settingNames } from '../../src/setting-names'
import { type Manifest, type ManifestOf, manifest } from './manifests'

jest.setTimeout(60_000)

const root = resolve(__dirname, '../..')
const digest = `sha256:${'a1'.repeat(32)}`
const image = `registry.example.com/weir@${digest}`

const kustomize = (folder: string) => spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
const isHere = spawnSync('kubectl', ['kustomize', '--help']).status === 0
if (!isHere) console.warn('deploy/kustomize is NOT checked: kubectl is not here')

/** What an overlay comes to that names the image, as docs/deploy.md shows it. `change`: of the base's files first. */
function build(of: 'base' | 'scaled', change: (folder: string) => void = () => {}): { text: string; error: string } {
  const copy = mkdtempSync(join(tmpdir(), 'weir-deploy-'))
  try {
    cpSync(join(root, 'deploy/kustomize'), copy, { recursive: true })
    change(copy)
    const overlay = join(copy, 'mine')
    cpSync(join(copy, 'base'), overlay, { recursive: true, filter: file => !file.endsWith('.yaml') })
    const images = [{ name: 'weir', newName: 'registry.example.com/weir', digest }]
    writeFileSync(join(overlay, 'kustomization.yaml'), stringify({ resources: [`../${of}`], images }))
    const { stdout, stderr } = kustomize(overlay)
    return { text: stdout, error: stderr }
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function manifests(text: string): Manifest[] {
  return parseAllDocuments(text).map(document => {
    expect(document.errors).toEqual([])
    return manifest.parse(document.toJS())
  })
}

;(isHere ? describe : describe.skip)('the manifests, built by kustomize', () => {
  let built: Manifest[]
  const one = <K extends Manifest['kind']>(kind: K) => built.find(each => each.kind === kind) as ManifestOf<K>

  beforeAll(() => {
    const { text, error } = build('scaled')
    expect(error).toBe('')
    built = manifests(text)
  })

  test('a field that there is not is refused, by kustomize or by what the fields may be', () => {
    const misspelt = (file: string, from: string, to: string) =>
      build('scaled', folder => {
        const path = join(folder, file)
        writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
      })
    expect(misspelt('base/kustomization.yaml', 'resources:', 'resource:').error).toContain('resource')
    const { text } = misspelt('base/stateful-set.yaml', 'livenessProbe:', 'livnessProbe:')
    expect(() => manifests(text)).toThrow('livnessProbe')
  })

  test('they are what workers need, each once', () => {
    expect(built.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'PodDisruptionBudget',
      'ScaledObject',
      'Service',
      'ServiceAccount',
      'StatefulSet',
    ])
  })

  test('the image is named by digest, and no other is', () => {
    expect(one('StatefulSet').spec.template.spec.containers.map(each => each.image)).toEqual([image])
    expect(readFileSync(join(root, 'deploy/kustomize/base/stateful-set.yaml'), 'utf8')).toMatch(/image: weir\n/)
  })

  test('what is selected are the pods', () => {
    const { template, selector } = one('StatefulSet').spec
    const { labels } = template.metadata
    expect(selector.matchLabels).toEqual(labels)
    expect(one('Service').spec.selector).toEqual(labels)
    expect(one('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels)
    for (const { labelSelector } of template.spec.topologySpreadConstraints)
      expect(labelSelector.matchLabels).toEqual(labels)
  })

  test('every setting is one of weir, and each worker has an id of its own', () => {
    const { env, envFrom } = one('StatefulSet').spec.template.spec.containers[0]
    const config = one('ConfigMap')
    expect(envFrom).toEqual([{ configMapRef: { name: config.metadata.name } }])
    const given = [...Object.keys(config.data), ...env.map(({ name }) => name)]
    for (const name of given) expect([...settingNames, ...fileNames]).toContain(name)
    expect(env.find(({ name }) => name === 'GROUP_INSTANCE_ID')?.valueFrom?.fieldRef.fieldPath).toBe('metadata.name')
    expect(given).not.toContain('DATABASE_URL')
  })

  test('what is written is on volumes: state on one of its own, which outlives the pod', () => {
    const { template, volumeClaimTemplates } = one('StatefulSet').spec
    const [{ volumeMounts, env }] = template.spec.containers
    const volumes = [
      ...template.spec.volumes.map(({ name }) => name),
      ...volumeClaimTemplates.map(each => each.metadata.name),
    ]
    expect(volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.sort())
    const state = volumeMounts.find(({ name }) => name === volumeClaimTemplates[0]?.metadata.name)
    expect(env.find(({ name }) => name === 'STATE_DIR')?.value).toBe(state?.mountPath)
  })

  test('a pod is given the time that its stop may take, and its session outlasts that', () => {
    const { terminationGracePeriodSeconds: graceS, containers } = one('StatefulSet').spec.template.spec
    const [, script, application] = containers[0].lifecycle.preStop.exec.command
    const [, waitMs] = /\? ([\d_]+) : 0/.exec(readFileSync(join(root, script ?? ''), 'utf8')) ?? []
    const most = Number(waitMs?.replaceAll('_', '')) / 1000
    // Then comes the last commit, for which the command takes 5 s at most.
    expect(graceS).toBeGreaterThan(most + 20 + 5)
    expect(application).toBe('sensors')
    expect(Number(one('ConfigMap').data.SESSION_TIMEOUT_MS)).toBeGreaterThanOrEqual(30_000)
  })

  test('the number of workers follows from metrics that there are', () => {
    const known = readFileSync(join(root, 'docs/operations.md'), 'utf8')
    const { triggers, minReplicaCount, maxReplicaCount, scaleTargetRef } = one('ScaledObject').spec
    for (const { metadata } of triggers)
      for (const [name] of metadata.query.matchAll(/weir_\w+/g)) expect(known).toContain(`| \`${name}\` |`)
    expect(triggers.some(({ metadata }) => metadata.query.includes('weir_lag_seconds'))).toBe(true)
    expect(minReplicaCount).toBeLessThan(maxReplicaCount)
    expect(scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: one('StatefulSet').metadata.name })
  })

  test('the base stands without KEDA', () => {
    expect(manifests(build('base').text).map(({ kind }) => kind)).not.toContain('ScaledObject')
  })
})

test('every file of deploy/ is YAML without a mistake', () => {
  const files = spawnSync('git', ['ls-files', 'deploy'], { cwd: root, encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
  expect(files.length).toBeGreaterThan(5)
  for (const file of files) expect(parse(readFileSync(join(root, file), 'utf8'), { strict: true })).toBeDefined()
})
