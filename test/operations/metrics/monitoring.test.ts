import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';
import { createMetrics } from '../../../src/operations/metrics/metrics.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['critical', 'warning']) }),
            annotations: z.object({ summary: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(read('deploymentTemplates/monitoring/prometheus-rules.yaml')))
  .groups.flatMap((group) => group.rules);

const panels = z
  .object({
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
      }),
    ),
  })
  .parse(JSON.parse(read('deploymentTemplates/monitoring/grafana-dashboard.json'))).panels;

/** Labels that Prometheus adds to every series. */
const ADDED = ['job', 'instance', 'le'];
/** Series of the scrape itself, and of the process (prom-client's default metrics, `watchProcess`). */
const ELSEWHERE = [
  'up',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
  'nodejs_eventloop_lag_p99_seconds',
];
const FUNCTIONS = new Set(
  'sum max min count by le absent rate increase histogram_quantile and unless label_values'.split(' '),
);

/** The series in an expression, each with the labels used for it. */
function seriesOf(expr: string): { name: string; labels: string[] }[] {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  );
  const plain = expr.replaceAll(/\bby \([^)]*\)/g, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  return [...plain.matchAll(/\b([a-z_]\w*)\b\s*(\{[^}]*\})?/g)]
    .filter(([, name = '']) => !FUNCTIONS.has(name))
    .filter(({ index }) => (plain.slice(0, index).match(/"/g)?.length ?? 0) % 2 === 0)
    .map(([, name = '', selector = '']) => ({
      name,
      labels: [
        ...grouped,
        ...[...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
      ],
    }));
}

describe('dashboard and alert rules', () => {
  const asked = [
    ...rules.map(({ alert, expr }) => ({ by: alert, expr })),
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ by: title, expr }))),
  ];

  for (const { by, expr } of asked) {
    it(`${by} uses exported series only: ${expr.trim().replaceAll(/\s+/g, ' ').slice(0, 120)}`, async () => {
      const known = new Map((await createMetrics().list()).map((one) => [one.name, one]));
      const series = seriesOf(expr);
      assert.ok(series.length > 0);
      for (const { name, labels } of series) {
        if (ELSEWHERE.includes(name)) continue;
        const metric = known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count)$/, ''));
        assert.ok(metric, name);
        // Parts of a histogram are used by suffix, everything else by name.
        assert.equal(metric.type === 'histogram', metric.name !== name, name);
        for (const label of labels)
          assert.ok([...ADDED, ...metric.labels].includes(label), `${name}: ${label}`);
      }
    });
  }

  it('show every metric', async () => {
    const text = JSON.stringify(panels);
    for (const { name } of await createMetrics().list()) assert.ok(text.includes(name), name);
  });

  it('have panels that do not overlap', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    for (const { gridPos } of panels) assert.ok(gridPos.x + gridPos.w <= 24);
  });

  it('are explained: each alert has its paragraph in docs/operations.md, and there are no others', () => {
    const explained = [...read('docs/operations.md').matchAll(/^#### (Ringdown\w+)$/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(
      explained,
      rules.map(({ alert }) => alert),
    );
  });
});
