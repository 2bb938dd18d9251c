import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readConfig } from '../../../src/config/config.ts';
import { environmentSchema } from '../../../src/config/environment.ts';
import { about, defaults, faultsOf, render, schema } from './chart.ts';
import type { Manifest, Values } from './chart.ts';
import { TemplateFault, Templates, textOf } from './goTemplate.ts';
import type { Value } from './goTemplate.ts';
import { isTyped, typeFaults } from './kubernetesTypes.ts';

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');

const resourceId = '70000000-0000-4000-8000-000000000007';
const least: Values = {
  image: { repository: 'ghcr.io/contoso/ringdown' },
  existingSecret: 'ringdown-secrets',
  settings: {
    PUBLIC_URL: 'https://ringdown.contoso.example',
    ACS_RESOURCE_ID: resourceId,
    MicrosoftAppId: '30000000-0000-4000-8000-000000000003',
    MicrosoftAppTenantId: '20000000-0000-4000-8000-000000000002',
  },
};
const most: Values = {
  ...least,
  image: { repository: 'ghcr.io/contoso/ringdown', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  config: 'operators: [Megan Bowen]\npolicies: {}\n',
  serviceAccount: { name: 'caller', annotations: { team: 'on-call' } },
  workloadIdentityClientId: '40000000-0000-4000-8000-000000000004',
  ingress: { enabled: true, className: 'nginx', tlsSecret: 'ringdown-tls', annotations: { 'a/b': 'c' } },
  serviceMonitor: { enabled: true, tokenKey: 'METRICS_TOKEN', labels: { release: 'prometheus' } },
  networkPolicy: {
    enabled: true,
    from: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }],
    database: [{ ipBlock: { cidr: '10.40.1.0/24' } }],
  },
  service: { annotations: { 'a/b': 'c' } },
  podAnnotations: { 'a/b': 'c' },
  podLabels: { team: 'on-call' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'phones', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
      },
    },
  },
};
const cases: [string, Values][] = [
  ['with only the required values', least],
  ['with everything', most],
  ['without rolling upgrades', { ...least, strategy: 'Recreate' }],
  ['with an existing service account', { ...least, serviceAccount: { create: false, name: 'caller' } }],
];

const container = z.looseObject({
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  envFrom: z.array(z.unknown()),
  securityContext: z.unknown(),
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }),
  volumeMounts: z.array(z.looseObject({ mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const probe = z.looseObject({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number(),
});
const deploymentSpec = z.looseObject({
  replicas: z.number(),
  strategy: z.unknown(),
  selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
  template: z.object({
    metadata: z.object({
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
    spec: z.looseObject({
      terminationGracePeriodSeconds: z.number(),
      securityContext: z.unknown(),
      topologySpreadConstraints: z.array(z.looseObject({ topologyKey: z.string() })),
      containers: z.tuple([
        container.extend({ startupProbe: probe, livenessProbe: probe, readinessProbe: probe }),
      ]),
    }),
  }),
});

const of = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0] as Manifest;
};
const deployment = (values: Values) => {
  const spec = deploymentSpec.parse(of(render(values), 'Deployment').spec);
  const pod = spec.template.spec;
  return { spec, pod, container: pod.containers[0] };
};

describe('the Helm chart', () => {
  it('renders only what Kubernetes’ published types allow', function () {
    this.timeout(60_000);
    const manifests = cases.flatMap(([, values]) => render(values));
    const others = manifests.filter((manifest) => !isTyped(manifest)).map(({ kind }) => kind);
    assert.deepEqual(others, ['ServiceMonitor']);
    assert.equal(typeFaults(manifests.filter(isTyped)), '');
  });

  it('finds planted faults with these types', function () {
    this.timeout(60_000);
    const service = of(render(least), 'Service');
    const misspelt = { ...service, spec: { ...(service.spec as object), ports: [{ prt: 80 }] } };
    const wrong = { ...service, spec: { ...(service.spec as object), type: 7 } };
    const faults = typeFaults([misspelt, wrong]);
    assert.match(faults, /prt"' does not exist/);
    assert.match(faults, /'number' is not assignable to type 'string'/);
  });

  for (const [title, values] of cases) {
    it(`labels everything, and selects the pods by these labels: ${title}`, () => {
      const manifests = render(values);
      const { spec } = deployment(values);
      for (const { kind, metadata } of manifests) {
        assert.equal(
          metadata.name,
          kind === 'ServiceAccount' && title === 'with everything' ? 'caller' : 'on-call',
        );
        assert.equal(metadata.labels['app.kubernetes.io/version'], about['appVersion']);
      }
      const selectors = JSON.stringify(manifests).match(/"matchLabels":\{"app\.kubernetes\.io[^}]*\}/g) ?? [];
      assert.ok(selectors.length >= 4);
      for (const selector of selectors) {
        assert.equal(selector, `"matchLabels":${JSON.stringify(spec.selector.matchLabels)}`);
      }
      for (const [label, value] of Object.entries(spec.selector.matchLabels)) {
        assert.equal(spec.template.metadata.labels[label], value);
      }
    });
  }

  it('has the version of the program', () => {
    assert.equal(about['appVersion'], (JSON.parse(read('package.json')) as { version: string }).version);
    assert.equal(deployment(least).container.image, `ghcr.io/contoso/ringdown:${about['appVersion']}`);
    assert.equal(deployment(most).container.image, `ghcr.io/contoso/ringdown@sha256:${'a'.repeat(64)}`);
  });

  it('has two replicas, and an upgrade stops none before a new one is ready', () => {
    const { spec, pod } = deployment(least);
    assert.equal(spec.replicas, 2);
    assert.deepEqual(spec.strategy, {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    assert.deepEqual(
      pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey),
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
    );
    assert.equal(
      (of(render(least), 'PodDisruptionBudget').spec as { maxUnavailable: number }).maxUnavailable,
      1,
    );
    assert.deepEqual(deployment({ ...least, strategy: 'Recreate' }).spec.strategy, { type: 'Recreate' });
  });

  it('has liveness and readiness probes, and waits for an upgrade of the tables', () => {
    const { startupProbe, livenessProbe, readinessProbe } = deployment(least).container;
    assert.equal(startupProbe.httpGet.path, '/healthz');
    assert.equal(livenessProbe.httpGet.path, '/healthz');
    assert.equal(readinessProbe.httpGet.path, '/readyz');
    assert.ok(startupProbe.periodSeconds * startupProbe.failureThreshold >= 300);
    // /readyz itself takes up to 3 s.
    assert.ok(readinessProbe.timeoutSeconds > 3);
  });

  it('gives Ringdown enough time to stop', () => {
    const { pod, container: ringdown } = deployment(least);
    const ms = (name: string): number =>
      Number(new RegExp(`const ${name} = ([\\d_]+);`).exec(read('src/run.ts'))?.[1]?.replaceAll('_', ''));
    const { command } = ringdown.lifecycle.preStop.exec;
    const before = Number(/, (\d+)\)$/.exec(command.at(-1) ?? '')?.[1]);
    // run.ts forces the exit one second after the grace period.
    const longest = before + ms('DRAIN_MS') + ms('GRACE_MS') + 1_000;
    assert.ok(longest > 0 && longest < pod.terminationGracePeriodSeconds * 1_000, String(longest));
  });

  it('runs as a non-root user, and writes only to memory', () => {
    const { pod, container: ringdown } = deployment(least);
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    assert.deepEqual(ringdown.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.deepEqual(
      ringdown.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
      ['/tmp'],
    );
  });

  it('starts Ringdown with the settings and the Secret’s keys', () => {
    const { env, envFrom } = deployment(least).container;
    assert.deepEqual(envFrom, [{ secretRef: { name: 'ringdown-secrets' } }]);
    const names = env.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const secrets = {
      DATABASE_URL: 'postgres://ringdown:x@database:5432/ringdown',
      ACS_CONNECTION_STRING: 'endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0',
      MicrosoftAppPassword: 'x',
    };
    const config = readConfig(
      { ...Object.fromEntries(env.map(({ name, value }) => [name, value])), ...secrets },
      (path) => (path === '/config/ringdown.yaml' ? '' : undefined),
    );
    assert.equal(config.publicUrl, 'https://ringdown.contoso.example');
    assert.equal(config.configFile, '/config/ringdown.yaml');
    assert.equal(config.port, 3978);
  });

  it('passes ringdown.yaml unchanged, and a new one restarts the replicas', () => {
    const { data } = of(render(most), 'ConfigMap') as unknown as { data: Record<string, string> };
    assert.equal(data['ringdown.yaml'], most['config']);
    const mark = (values: Values) => deployment(values).spec.template.metadata.annotations['ringdown/config'];
    assert.match(mark(least) ?? '', /^[0-9a-f]{64}$/);
    assert.notEqual(mark(most), mark(least));
  });

  it('has optional parts turned off, each turned on by one value', () => {
    const kinds = (values: Values) =>
      render(values)
        .map(({ kind }) => kind)
        .toSorted();
    const always = ['ConfigMap', 'Deployment', 'PodDisruptionBudget', 'Service', 'ServiceAccount'];
    assert.deepEqual(kinds(least), always);
    assert.deepEqual(kinds(most), [...always, 'Ingress', 'NetworkPolicy', 'ServiceMonitor'].toSorted());
    assert.deepEqual(
      kinds({ ...least, podDisruptionBudget: { enabled: false }, serviceAccount: { create: false } }),
      ['ConfigMap', 'Deployment', 'Service'],
    );
  });

  it('has an Ingress for the host of PUBLIC_URL, over TLS', () => {
    const { spec } = of(render(most), 'Ingress') as { spec: { tls: unknown; rules: { host: string }[] } };
    assert.deepEqual(spec.tls, [{ hosts: ['ringdown.contoso.example'], secretName: 'ringdown-tls' }]);
    assert.equal(spec.rules[0]?.host, 'ringdown.contoso.example');
  });

  it('keeps a name that looks like a number or a boolean', () => {
    const words = ['1e5', '2024', 'true', '0x10', 'on', 'null', '012'];
    for (const word of words) {
      const manifests = render(
        {
          ...most,
          existingSecret: word,
          serviceAccount: { name: word },
          ingress: { enabled: true, className: word, tlsSecret: word },
          serviceMonitor: { enabled: true, tokenKey: word },
        },
        word,
      );
      for (const { kind, metadata } of manifests) assert.equal(metadata.name, word, kind);
      const { pod, container: ringdown } = deployment({ ...most, existingSecret: word });
      assert.equal(typeof pod['serviceAccountName'], 'string');
      assert.deepEqual(ringdown.envFrom, [{ secretRef: { name: word } }]);
      const { spec } = of(manifests, 'Ingress') as { spec: { ingressClassName: string; tls: unknown } };
      assert.deepEqual(spec.tls, [{ hosts: ['ringdown.contoso.example'], secretName: word }]);
      assert.equal(spec.ingressClassName, word);
      assert.ok(
        JSON.stringify(of(manifests, 'ServiceMonitor').spec).includes(`{"name":"${word}","key":"${word}"}`),
      );
    }
  });

  it('scrapes each replica under the job name of the alert rules', () => {
    const { spec } = of(render(most), 'ServiceMonitor');
    assert.deepEqual((spec as { endpoints: unknown }).endpoints, [
      {
        port: 'http',
        path: '/metrics',
        interval: '30s',
        authorization: { credentials: { name: 'ringdown-secrets', key: 'METRICS_TOKEN' } },
        relabelings: [{ targetLabel: 'job', replacement: 'ringdown' }],
      },
    ]);
    assert.match(read('deploymentTemplates/monitoring/prometheus-rules.yaml'), /job="ringdown"/);
  });

  it('names missing required values', () => {
    for (const [without, told] of [
      [{ ...least, image: {} }, /image\.repository is not set/],
      [{ ...least, existingSecret: '' }, /existingSecret is not set/],
      [{ ...least, settings: {} }, /settings\.PUBLIC_URL is not set/],
      [{ ...most, ingress: { enabled: true } }, /ingress\.tlsSecret is not set/],
    ] as [Values, RegExp][]) {
      assert.throws(() => render(without), { message: told });
    }
  });

  describe('values', () => {
    it('defaults match the schema, which describes each of them', () => {
      const walk = (value: Value, rule: Value, path: string): void => {
        const { properties, additionalProperties } = (rule ?? {}) as Values;
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
        if (properties === undefined) return;
        for (const [key, inner] of Object.entries(value)) {
          const known = (properties as Values)[key];
          assert.ok(known !== undefined || additionalProperties !== false, `${path}.${key}`);
          walk(inner, known, `${path}.${key}`);
        }
      };
      walk(defaults, schema, 'values');
      const declared = Object.keys(schema['properties'] as Values).filter((key) => key !== 'global');
      assert.deepEqual(declared.toSorted(), Object.keys(defaults).toSorted());
      assert.deepEqual(faultsOf(least), []);
    });

    for (const [title, wrong] of Object.entries<Values>({
      'a misspelt value': { replica: 3 },
      'a misspelt value within another': { ingress: { enable: true } },
      'no replica': { replicas: 0 },
      'an unknown strategy': { strategy: 'BlueGreen' },
      'less time than a stop takes': { terminationGracePeriodSeconds: 10 },
      'a number as a setting': { settings: { RING_TIMEOUT_SECONDS: 30 } },
      'an address that is not https': { settings: { PUBLIC_URL: 'http://ringdown.contoso.example' } },
    })) {
      it(`${title} is refused`, () => assert.notDeepEqual(faultsOf({ ...least, ...wrong }), []));
    }

    it('refuses secret settings as values, and those that the chart sets itself', () => {
      const secret = /password|secret|token$|connection_string|database_url/i;
      const own = ['HOST', 'PORT', 'CONFIG_FILE', 'DATA_DIR'];
      for (const name of Object.keys(environmentSchema.shape)) {
        const refused = faultsOf({ settings: { [name]: 'https://x.example' } }).length > 0;
        assert.equal(refused, secret.test(name) || own.includes(name), name);
      }
    });

    it('default settings are known to Ringdown', () => {
      for (const name of Object.keys(defaults['settings'] as Values)) {
        assert.ok(name in environmentSchema.shape, name);
      }
    });
  });
});

describe('Go templates, as far as the chart uses them', () => {
  const run = (source: string, dot: Value = {}): string =>
    new Templates({ upper: (value) => textOf(value).toUpperCase() }).add(source)(dot);

  for (const [source, dot, expected] of [
    ['a {{- "b" -}} c', {}, 'abc'],
    ['{{/* why */}}x', {}, 'x'],
    ['{{ if .a }}1{{ else if .b }}2{{ else }}3{{ end }}', { b: true }, '2'],
    ['{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}', { b: 2, a: 1 }, 'a=1;b=2;'],
    ['{{ range . }}{{ .x }}{{ else }}none{{ end }}', [], 'none'],
    ['{{ with .a }}{{ .b }}{{ $.c }}{{ end }}', { a: { b: 1 }, c: 2 }, '12'],
    ['{{ define "t" }}<{{ . }}>{{ end }}{{ include "t" "x" | upper }}', {}, '<X>'],
    ['{{ $x := .a }}{{ upper ($x) }}', { a: 'b' }, 'B'],
  ] as [string, Value, string][]) {
    it(`${source} is ${expected}`, () => assert.equal(run(source, dot), expected));
  }

  for (const source of [
    '{{ if .a }}',
    '{{ end }}',
    '{{ unknown 1 }}',
    '{{ .a.b.c }}',
    '{{ include "x" . }}',
    '{{ $x }}',
  ]) {
    it(`refuses ${source}`, () => assert.throws(() => run(source), TemplateFault));
  }
});
