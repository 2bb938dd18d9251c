import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './chart.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Kubernetes' own kinds, by the module of `kubernetes-types` that has the type. */
const modules: Readonly<Record<string, string>> = {
  'v1/ConfigMap': 'core/v1',
  'v1/Service': 'core/v1',
  'v1/ServiceAccount': 'core/v1',
  'apps/v1/Deployment': 'apps/v1',
  'networking.k8s.io/v1/Ingress': 'networking/v1',
  'networking.k8s.io/v1/NetworkPolicy': 'networking/v1',
  'policy/v1/PodDisruptionBudget': 'policy/v1',
};

/**
 * Whether `kubernetes-types` has the kind. It lacks third-party resources, such as those of the Prometheus Operator.
 */
export function isTyped({ apiVersion, kind }: Manifest): boolean {
  return `${apiVersion}/${kind}` in modules;
}

/**
 * Type-checks manifests against the published types of the Kubernetes API: a missing or unknown field, or one of the
 * wrong type, is a fault.
 *
 * @returns the type checker's messages
 */
export function typeFaults(manifests: readonly Manifest[]): string {
  // Inside the project, so that the types are found.
  const folder = mkdtempSync(join(root, 'node_modules', '.kubernetes-types-'));
  try {
    const lines = manifests.map((manifest, index) => {
      const module = modules[`${manifest.apiVersion}/${manifest.kind}`];
      const type = `import('kubernetes-types/${module}').${manifest.kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(manifest, null, 2)};`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--types', ''];
    const { status, stdout } = spawnSync(
      join(root, 'node_modules', '.bin', 'tsc'),
      ['--ignoreConfig', ...options, '--moduleResolution', 'bundler', '--pretty', 'false', 'manifests.ts'],
      { cwd: folder, encoding: 'utf8' },
    );
    return status === 0 ? '' : stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
