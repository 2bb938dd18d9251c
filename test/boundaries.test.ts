import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findViolations, importsOf, rules } from '../scripts/boundaries.ts';

/** For each rule, by words of it: imports that break it. */
const planted: [rule: string, file: string, source: string][] = [
  ['botbuilder is imported', 'src/http/routes/messages.ts', "import { CloudAdapter } from 'botbuilder';"],
  ['botbuilder is imported', 'src/app.ts', "import type { Activity } from 'botframework-schema';"],
  ['botbuilder is imported', 'emulator/connector/x.ts', "import 'botbuilder/lib/x.js';"],
  ['within src/chat only', 'src/chat/dispatch.ts', "import { TurnContext } from 'botbuilder';"],
  ['restify is imported', 'src/chat/bot.ts', "import restify from 'restify';"],
  ['restify is imported', 'src/telephony/callbacks.ts', "const errors = await import('restify-errors');"],
  ['OpenTelemetry is imported', 'src/app.ts', "import { trace } from '@opentelemetry/api';"],
  [
    'nobody loads OpenTelemetry',
    'src/main.ts',
    "import { openTelemetry } from './operations/tracing/openTelemetry.ts';",
  ],
  ['emulator/ stands alone', 'emulator/main.ts', "import { systemClock } from '../src/clock.ts';"],
  ['emulator/ stands alone', 'emulator/graph/users.ts', "import type { Clock } from '../../src/clock.ts';"],
  [
    'src/ does not know',
    'src/telephony/dialer.ts',
    "export { people } from '../../emulator/people/people.ts';",
  ],
  ['src/ does not know', 'src/config.ts', "export * from '../test/support/leaks.ts';"],
  [
    'calls announces',
    'src/calls/callService.ts',
    "import type { Escalation } from '../escalations/escalation.ts';",
  ],
  [
    'calls announces',
    'src/calls/callService.ts',
    "import { findPerson } from '../directory/graphDirectory.ts';",
  ],
  [
    'calls announces',
    'src/calls/deep/er.ts',
    "import { card } from '../../chat/cards/renderers/callCard.ts';",
  ],
  ['pure files', 'src/calls/lifecycle.ts', "import { randomUUID } from 'node:crypto';"],
  ['pure files', 'src/calls/dispositions.ts', "import { CallService } from './callService.ts';"],
  ['pure files', 'src/escalations/ladder.ts', "import { type Jobs } from '../database/jobs.ts';"],
  ['pure files', 'src/chat/language/parseCommand.ts', "import { bot } from '../bot.ts';"],
  ['pure files', 'src/chat/language/mentions.ts', "import { TurnContext } from 'botbuilder';"],
  ['pure files', 'src/chat/language/quotes.ts', "import { bot } from '../bot.ts';"],
  ['pure files', 'src/chat/cards/renderers/call/connected.ts', "import '../../cardUpdates.ts';"],
  ['pure files', 'src/directory/matching.ts', "export { search } from './graphDirectory.ts';"],
  ['pure files', 'src/alerts/grafana.ts', "const { sql } = await import('kysely');"],
  ['pure files', 'src/texts/en.ts', "import { systemClock } from '../clock.ts';"],
  [
    'calls, directory and permissions',
    'src/permissions/limits.ts',
    "import { x } from '../escalations/policies.ts';",
  ],
  [
    'calls, directory and permissions',
    'src/directory/presence.ts',
    "import type { X } from '../http/server.ts';",
  ],
  ['alerts and escalations', 'src/escalations/escalationService.ts', "import { x } from '../chat/bot.ts';"],
  ['alerts and escalations', 'src/alerts/grafana.ts', "import type { X } from '../http/server.ts';"],
  ['one way within src/chat', 'src/chat/turn/turn.ts', "import { place } from '../calls/placing.ts';"],
  ['one way within src/chat', 'src/chat/connector/adapter.ts', "import { createBot } from '../bot.ts';"],
  ['database imports', 'src/database/jobs.ts', "import { place } from '../calls/callService.ts';"],
  ['what all rooms share', 'src/errors.ts', "import { words } from './texts/texts.ts';"],
  ['app.ts joins the parts', 'src/http/server.ts', "import { createApp } from '../app.ts';"],
  ['import() loads must', 'src/database/migrate.ts', 'await import(`./${name}.ts`);'],
];

const allowed: [file: string, source: string][] = [
  [
    'src/chat/connector/adapter.ts',
    "import { CloudAdapter } from 'botbuilder';\nimport { place } from '../../calls/callService.ts';",
  ],
  ['src/http/server.ts', "import restify from 'restify';\nimport { take } from '../alerts/grafana.ts';"],
  [
    'src/calls/lifecycle.ts',
    "import type { Clock } from '../clock.ts';\nimport { outcomeOf } from './dispositions.ts';",
  ],
  ['src/alerts/grafana.ts', "import { z } from 'zod';"],
  ['src/database/schema.ts', "import type { Escalation } from '../escalations/escalation.ts';"],
  ['src/main.ts', "import { createApp } from './app.ts';"],
  ['src/app.ts', "import { bot } from './chat/bot.ts';"],
  [
    'demo/main.ts',
    "import { start } from '../emulator/main.ts';\nimport { createApp } from '../src/app.ts';",
  ],
  ['test/calls/lifecycle.test.ts', "import { x } from '../../emulator/main.ts';"],
];

describe('import boundaries', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ringdown-boundaries-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  const violationsOf = (file: string, source: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
    return findViolations(root);
  };

  for (const [rule, file, source] of planted) {
    it(`find in ${file}: ${source}`, () => {
      const found = violationsOf(file, `// a line before\n${source}\n`);
      assert.ok(
        found.some(
          (violation) => violation.file === file && violation.line === 2 && violation.rule.includes(rule),
        ),
        JSON.stringify(found),
      );
    });
  }

  it('have a planted violation for every rule', () => {
    const without = rules.filter(({ rule }) => !planted.some(([words]) => rule.includes(words)));
    assert.deepEqual(without, []);
  });

  for (const [file, source] of allowed) {
    it(`allow in ${file}: ${source.replaceAll('\n', ' ')}`, () => {
      assert.deepEqual(violationsOf(file, source), []);
    });
  }

  it('are kept by the project itself', () => {
    const project = fileURLToPath(new URL('..', import.meta.url));
    assert.deepEqual(findViolations(project), []);
  });
});

describe('reading of imports', () => {
  const cases: [source: string, imports: [specifier: string | undefined, typeOnly: boolean][]][] = [
    ["import 'a';", [['a', false]]],
    ['import a from "a";', [['a', false]]],
    ["import a, { b as c } from 'a';", [['a', false]]],
    ["import * as a from 'a';", [['a', false]]],
    [
      "import {\n  a,\n  // it's a comment, \"quoted\"\n  b, /* and `another` */\n} from 'a';",
      [['a', false]],
    ],
    ["import type { A } from 'a';", [['a', true]]],
    ["import type {\n  A,\n  B,\n} from 'a';", [['a', true]]],
    ["import type A from 'a';", [['a', true]]],
    ["import type * as A from 'a';", [['a', true]]],
    ["import type from 'a';", [['a', false]]],
    ["import { type A } from 'a';", [['a', false]]],
    ["import a from 'a' with { type: 'json' };", [['a', false]]],
    ["export { a } from 'a';", [['a', false]]],
    ["export {\n  a,\n  b,\n} from 'a';", [['a', false]]],
    ["export * from 'a';", [['a', false]]],
    ["export * as a from 'a';", [['a', false]]],
    ["export type { A } from 'a';", [['a', true]]],
    ["export type * from 'a';", [['a', true]]],
    ["const a = await import('a');", [['a', false]]],
    ["const a = () => import(\n  /* why */ 'a'\n);", [['a', false]]],
    ['import(`a`);', [['a', false]]],
    ['import(name);', [[undefined, false]]],
    ['import(`${name}.ts`);', [[undefined, false]]],
    ["const a = require('a');", [['a', false]]],
    ["type A = import('a').A;", [['a', false]]],
    [
      "import a from 'a';\nimport b from 'b';",
      [
        ['a', false],
        ['b', false],
      ],
    ],
    ["export const from = 'a';", []],
    ["export const a = 1;\nexport type B = 'from';", []],
    ["export interface A {\n  from: 'a';\n}", []],
    ["export function from(a: string) {\n  return 'a';\n}", []],
    ["// import a from 'a'; import('a')", []],
    ["/**\n * import a from 'a'; import('a')\n */", []],
    ['const url = import.meta.url;', []],
  ];
  for (const [source, imports] of cases) {
    it(`sees ${imports.length} in ${JSON.stringify(source)}`, () => {
      assert.deepEqual(
        importsOf(source).map(({ specifier, typeOnly }) => [specifier, typeOnly]),
        imports,
      );
    });
  }

  it('knows the line of the module that is named', () => {
    assert.deepEqual(
      importsOf("import a from 'a';\n\nimport {\n  b,\n} from 'b';\n\n  await import('c');").map(
        ({ line }) => line,
      ),
      [1, 5, 7],
    );
  });
});
