import { z } from 'zod'

const text = z.string().min(1)
const whole = z.int().min(0)
const named = z.strictObject({ name: text, labels: z.record(text, text).optional() })
const selector = z.strictObject({ matchLabels: z.record(text, text) })
const httpProbe = z.strictObject({
  httpGet: z.strictObject({ path: z.enum(['/health', '/ready']), port: z.literal('metrics') }),
  periodSeconds: whole,
  timeoutSeconds: whole.optional(),
  failureThreshold: whole,
})
const variable = z.strictObject({
  name: text,
  value: text.optional(),
  valueFrom: z.strictObject({ fieldRef: z.strictObject({ fieldPath: text }) }).optional(),
})
const container = z.strictObject({
  name: text,
  image: text,
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: text }) })),
  env: z.array(variable),
  ports: z.array(z.strictObject({ name: text, containerPort: whole })),
  startupProbe: httpProbe,
  livenessProbe: httpProbe,
  readinessProbe: httpProbe,
  lifecycle: z.strictObject({ preStop: z.strictObject({ exec: z.strictObject({ command: z.array(text) }) }) }),
  resources: z.strictObject({ requests: z.record(text, text), limits: z.record(text, text) }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: text, mountPath: text, readOnly: z.boolean().optional() })),
})
const pod = z.strictObject({
  serviceAccountName: text,
  automountServiceAccountToken: z.literal(false),
  terminationGracePeriodSeconds: whole,
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: whole.min(1),
    runAsGroup: whole.min(1),
    fsGroup: whole.min(1),
    fsGroupChangePolicy: z.enum(['Always', 'OnRootMismatch']),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  topologySpreadConstraints: z.array(
    z.strictObject({
      maxSkew: whole.min(1),
      topologyKey: text,
      whenUnsatisfiable: z.enum(['ScheduleAnyway', 'DoNotSchedule']),
      labelSelector: selector,
    }),
  ),
  containers: z.tuple([container]),
  volumes: z.array(
    z.strictObject({
      name: text,
      secret: z.strictObject({ secretName: text, defaultMode: whole }).optional(),
      emptyDir: z.strictObject({}).optional(),
    }),
  ),
})
const claim = z.strictObject({
  metadata: named,
  spec: z.strictObject({
    accessModes: z.array(z.enum(['ReadWriteOnce'])),
    resources: z.strictObject({ requests: z.record(text, text) }),
  }),
})
const rules = z.strictObject({
  stabilizationWindowSeconds: whole,
  policies: z.array(z.strictObject({ type: z.enum(['Pods', 'Percent']), value: whole, periodSeconds: whole })),
})

/** What the manifests may say: no field that Kubernetes or KEDA doesn't have, and each of the right kind. */
export const manifest = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ServiceAccount'),
    metadata: named,
    automountServiceAccountToken: z.literal(false),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ConfigMap'),
    metadata: named,
    data: z.record(text, z.string()),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata: named,
    spec: z.strictObject({
      clusterIP: z.literal('None'),
      publishNotReadyAddresses: z.boolean(),
      ports: z.array(z.strictObject({ name: text, port: whole, targetPort: text })),
      selector: z.record(text, text),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata: named,
    spec: z.strictObject({ maxUnavailable: whole, selector }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('StatefulSet'),
    metadata: named,
    spec: z.strictObject({
      serviceName: text,
      replicas: whole,
      podManagementPolicy: z.enum(['Parallel', 'OrderedReady']),
      updateStrategy: z.strictObject({ type: z.enum(['RollingUpdate', 'OnDelete']) }),
      selector,
      template: z.strictObject({ metadata: z.strictObject({ labels: z.record(text, text) }), spec: pod }),
      volumeClaimTemplates: z.array(claim),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('keda.sh/v1alpha1'),
    kind: z.literal('ScaledObject'),
    metadata: named,
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({ apiVersion: text, kind: text, name: text }),
      minReplicaCount: whole,
      maxReplicaCount: whole,
      advanced: z.strictObject({
        horizontalPodAutoscalerConfig: z.strictObject({
          behavior: z.strictObject({ scaleUp: rules, scaleDown: rules }),
        }),
      }),
      triggers: z.array(
        z.strictObject({
          type: z.literal('prometheus'),
          metricType: z.enum(['Value', 'AverageValue']),
          metadata: z.strictObject({ serverAddress: z.url(), query: text, threshold: text }),
        }),
      ),
    }),
  }),
])

export type Manifest = z.infer<typeof manifest>
export type ManifestOf<K extends Manifest['kind']> = Extract<Manifest, { kind: K }>
