import assert from 'node:assert/strict';
import { boundaries } from '../../scripts/lint/boundaries.ts';
import { linted, type Finding } from '../support/linted.ts';

const RULE = 'house(imports)';

/** For each rule, by part of its text: imports that break it. */
const planted: [rule: string, file: string, source: string][] = [
  [
    'only src/chat imports botbuilder',
    'src/http/routes/messages.ts',
    "import { CloudAdapter } from 'botbuilder';",
  ],
  ['only src/chat imports botbuilder', 'src/app.ts', "import type { Activity } from 'botframework-schema';"],
  ['only src/chat imports botbuilder', 'emulator/connector/x.ts', "import 'botbuilder/lib/x.js';"],
  ['within src/chat only', 'src/chat/dispatch.ts', "import { TurnContext } from 'botbuilder';"],
  ['only src/http imports restify', 'src/chat/bot.ts', "import restify from 'restify';"],
  [
    'only src/http imports restify',
    'src/telephony/callbacks.ts',
    "const errors = await import('restify-errors');",
  ],
  ['only two files import OpenTelemetry', 'src/app.ts', "import { trace } from '@opentelemetry/api';"],
  [
    'OpenTelemetry is loaded only by',
    'src/main.ts',
    "import { openTelemetry } from './operations/tracing/openTelemetry.ts';",
  ],
  [
    'code for browsers loads of the server only what is pure',
    'src/console/browser/live.ts',
    "import { Round } from '../view.ts';",
  ],
  [
    'the server loads nothing that is for browsers',
    'src/console/pages.ts',
    "import { pathTo } from './browser/routes.ts';",
  ],
  ['emulator/ stands alone', 'emulator/main.ts', "import { systemClock } from '../src/clock.ts';"],
  ['emulator/ stands alone', 'emulator/graph/users.ts', "import type { Clock } from '../../src/clock.ts';"],
  [
    'src/ imports nothing from',
    'src/telephony/dialer.ts',
    "export { people } from '../../emulator/people/people.ts';",
  ],
  ['src/ imports nothing from', 'src/config/config.ts', "export * from '../../test/support/leaks.ts';"],
  [
    'src/calls publishes events',
    'src/calls/callService.ts',
    "import type { Escalation } from '../escalations/escalation.ts';",
  ],
  [
    'src/calls publishes events',
    'src/calls/callService.ts',
    "import { findPerson } from '../directory/graphDirectory.ts';",
  ],
  [
    'src/calls publishes events',
    'src/calls/deep/er.ts',
    "import { card } from '../../chat/cards/renderers/callCard.ts';",
  ],
  ['pure files', 'src/calls/lifecycle/lifecycle.ts', "import { randomUUID } from 'node:crypto';"],
  ['pure files', 'src/calls/dispositions.ts', "import { CallService } from './callService.ts';"],
  ['pure files', 'src/escalations/ladder/climb.ts', "import { type Jobs } from '../database/jobRunner.ts';"],
  ['pure files', 'src/chat/language/parseCommand.ts', "import { bot } from '../bot.ts';"],
  ['pure files', 'src/chat/language/mentions.ts', "import { TurnContext } from 'botbuilder';"],
  ['pure files', 'src/chat/language/quotes.ts', "import { bot } from '../bot.ts';"],
  ['pure files', 'src/chat/cards/renderers/call/connected.ts', "import '../../cardUpdates.ts';"],
  ['pure files', 'src/directory/matching.ts', "export { search } from './graphDirectory.ts';"],
  ['pure files', 'src/alerts/grafana.ts', "const { sql } = await import('kysely');"],
  ['pure files', 'src/texts/en.ts', "import { systemClock } from '../clock.ts';"],
  [
    'calls, directory, languages, permissions and schedules',
    'src/permissions/limits.ts',
    "import { x } from '../escalations/policies.ts';",
  ],
  [
    'calls, directory, languages, permissions and schedules',
    'src/directory/presence.ts',
    "import type { X } from '../http/server.ts';",
  ],
  ['alerts and escalations', 'src/escalations/escalationService.ts', "import { x } from '../chat/bot.ts';"],
  ['alerts and escalations', 'src/alerts/grafana.ts', "import type { X } from '../http/server.ts';"],
  ['nothing below src/console', 'src/chat/bot.ts', "import type { Now } from '../console/model.ts';"],
  ['src/import reads exports', 'src/import/pagerduty.ts', "import { readFileSync } from 'node:fs';"],
  [
    'src/import reads exports',
    'src/import/carry.ts',
    "import { createLog } from '../operations/logging/log.ts';",
  ],
  ['nothing imports src/import', 'src/config/config.ts', "import { convert } from '../import/convert.ts';"],
  ['one way within src/chat', 'src/chat/turn/turn.ts', "import { place } from '../calls/placing.ts';"],
  ['one way within src/chat', 'src/chat/connector/adapter.ts', "import { createBot } from '../bot.ts';"],
  ['config imports nothing', 'src/config/rules.ts', "import type { Call } from '../calls/call.ts';"],
  ['database imports', 'src/database/jobRunner.ts', "import { place } from '../calls/callService.ts';"],
  ['files shared by all rooms', 'src/errors.ts', "import { words } from './texts/texts.ts';"],
  ['app.ts and app/ wire', 'src/http/server.ts', "import { createApp } from '../app.ts';"],
  ['app.ts and app/ wire', 'src/http/server.ts', "import { openChat } from '../app/chat.ts';"],
  ['the module name of import()', 'src/database/migrate.ts', 'await import(`./${name}.ts`);'],
];

const allowed: [file: string, source: string][] = [
  [
    'src/chat/connector/adapter.ts',
    "import { CloudAdapter } from 'botbuilder';\nimport { place } from '../../calls/callService.ts';",
  ],
  ['src/http/server.ts', "import restify from 'restify';\nimport { take } from '../alerts/grafana.ts';"],
  [
    'src/calls/lifecycle/lifecycle.ts',
    "import type { Clock } from '../../clock.ts';\nimport { meaningOf } from '../dispositions.ts';",
  ],
  ['src/alerts/grafana.ts', "import { z } from 'zod';"],
  ['src/database/schema.ts', "import type { Escalation } from '../escalations/escalation.ts';"],
  ['src/main.ts', "import { createApp } from './app.ts';"],
  ['src/app.ts', "import { bot } from './chat/bot.ts';"],
  [
    'demo/main.ts',
    "import { start } from '../emulator/main.ts';\nimport { createApp } from '../src/app.ts';",
  ],
  ['test/calls/callService.test.ts', "import { x } from '../../emulator/main.ts';"],
];

/** Ways to import the module `a`. The rule must find each. */
const seen: [source: string, typeOnly: boolean][] = [
  ["import 'a';", false],
  ['import a from "a";', false],
  ["import a, { b as c } from 'a';", false],
  ["import * as a from 'a';", false],
  ["import {\n  a,\n  // it's a comment, \"quoted\"\n  b, /* and `another` */\n} from 'a';", false],
  ["import type { A } from 'a';", true],
  ["import type {\n  A,\n  B,\n} from 'a';", true],
  ["import type A from 'a';", true],
  ["import type * as A from 'a';", true],
  ["import type from 'a';", false],
  ["import { type A } from 'a';", false],
  ["import a from 'a' with { type: 'json' };", false],
  ["export { a } from 'a';", false],
  ["export {\n  a,\n  b,\n} from 'a';", false],
  ["export * from 'a';", false],
  ["export * as a from 'a';", false],
  ["export type { A } from 'a';", true],
  ["export type * from 'a';", true],
  ["const a = await import('a');", false],
  ["const a = () => import(\n  /* why */ 'a'\n);", false],
  ['import(`a`);', false],
  ["const a = require('a');", false],
  ["type A = import('a').A;", true],
];

const unseen = [
  "export const from = 'a';",
  "export const a = 1;\nexport type B = 'from';",
  "export interface A {\n  from: 'a';\n}",
  "export function from(a: string) {\n  return 'a';\n}",
  "// import a from 'a'; import('a')",
  "/**\n * import a from 'a'; import('a')\n */",
  'const url = import.meta.url;',
];

const importing = (source: string, module: string): string =>
  source.replaceAll(/(['"`])a\1/g, `$1${module}$1`);

const circle = {
  'src/webhooks/one.ts': "import type { Two } from './two.ts';\nexport type One = Two;\n",
  'src/webhooks/two.ts': "import type { One } from './one.ts';\nexport type Two = One | 2;\n",
};

describe('import boundaries', () => {
  const files: Record<string, string> = { ...circle };
  /** @returns its place: file and first line */
  const plant = (file: string, source: string): { file: string; line: number } => {
    const before = files[file] ?? '';
    files[file] = `${before}${source}\n`;
    return { file, line: before.split('\n').length };
  };
  const plantedAt = planted.map(([rule, file, source]) => ({ rule, source, ...plant(file, source) }));
  const allowedIn = allowed.map(([file, source]) => ({ source, ...plant(file, source) }));
  const seenIn = seen.map(([source, typeOnly], index) => ({
    source,
    typeOnly,
    strict: plant(`src/calls/seen${index}.ts`, importing(source, '../chat/a.ts')).file,
    typed: plant(`src/database/seen${index}.ts`, importing(source, '../calls/a.ts')).file,
  }));
  const unseenIn = unseen.map((source, index) => ({
    source,
    file: plant(`src/calls/unseen${index}.ts`, importing(source, '../chat/a.ts')).file,
  }));
  let found: readonly Finding[];
  before(async () => (found = await linted(files)));
  const foundIn = (file: string): Finding[] => found.filter((one) => one.file === file && one.code === RULE);

  for (const { rule, file, line, source } of plantedAt) {
    it(`find in ${file}: ${source}`, () => {
      assert.ok(
        foundIn(file).some((one) => one.line === line && one.message.includes(rule)),
        JSON.stringify(foundIn(file)),
      );
    });
  }

  it('have a planted violation for every rule', () => {
    const without = boundaries.filter(({ rule }) => !planted.some(([words]) => rule.includes(words)));
    assert.deepEqual(without, []);
  });

  for (const { file, line, source } of allowedIn) {
    it(`allow in ${file}: ${source.replaceAll('\n', ' ')}`, () => {
      const lines = source.split('\n').length;
      assert.deepEqual(
        foundIn(file).filter((one) => one.line >= line && one.line < line + lines),
        [],
      );
    });
  }

  for (const { source, typeOnly, strict, typed } of seenIn) {
    it(`see the import in ${JSON.stringify(source)}`, () => {
      assert.equal(foundIn(strict).length, 2);
      assert.equal(foundIn(typed).length, typeOnly ? 0 : 1);
    });
  }

  for (const { source, file } of unseenIn) {
    it(`see no import in ${JSON.stringify(source)}`, () => assert.deepEqual(foundIn(file), []));
  }

  it('find import circles, even of types only', () => {
    for (const one of Object.keys(circle)) {
      assert.ok(
        found.some(({ code, file }) => code === 'import(no-cycle)' && file === one),
        one,
      );
    }
  });
});
