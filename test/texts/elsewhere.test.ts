import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folders whose words reach people in chats and on the phone. The API and the doctor address operators, in English. */
const rooms = ['alerts', 'calls', 'chat', 'directory', 'escalations', 'permissions'];

/** Readers of alert formats. They add English captions ("Since …", "Runbook") to English alerts. */
const readers = ['azureMonitor', 'azureContexts', 'grafana', 'pagerDuty', 'prometheusGroup'].map(
  (name) => `src/alerts/${name}.ts`,
);

/** Code whose strings only programs and the log read. */
const forPrograms = /\b(?:log|logger)\??\.\w+\(|\bnew \w*(?:Error|Fault)\(|detail:|checkpoint\(/;
/** Values of Adaptive Cards, the Bot Framework and Graph that look like words. */
const vocabulary = new Set(
  (
    'AdaptiveCard TextBlock RichTextBlock TextRun ColumnSet Column Container Image Person Bolder Small Medium Large ' +
    'None Center Default Monospace ActionSet FactSet Authorization Bearer Europe UTC Ringdown GET POST PATCH DELETE ' +
    'Attention Accent Warning Good Guest Member Alertmanager Grafana PagerDuty'
  ).split(' '),
);

/** The string literals in a source file, with their line numbers. Comments do not count. */
function literalsOf(source: string): { line: number; text: string; code: string }[] {
  const bare = source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/gm, '$1');
  return bare.split('\n').flatMap((code, index, lines) => {
    const around = `${lines[index - 2] ?? ''}\n${lines[index - 1] ?? ''}\n${code}`;
    return [...code.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
      (match) => ({
        line: index + 1,
        text: match[1] ?? match[2] ?? match[3] ?? '',
        code: around,
      }),
    );
  });
}

/** Whether a string is a sentence, or a capitalised word, for people. */
function isForPeople(text: string): boolean {
  if (
    vocabulary.has(text) ||
    /^(?:SELECT|CASE|WITH|INSERT|UPDATE|DELETE|Bearer|Microsoft Communication) /.test(text)
  )
    return false;
  return (
    /^[A-Z][a-z]+$/.test(text) ||
    /^[A-Z"“][\w’']*(?:,|:)? [a-zA-Z$]/.test(text) ||
    /[a-z]{2} [a-z]+[.!?]$/.test(text)
  );
}

describe('Texts for people', () => {
  for (const room of rooms) {
    it(`are only in src/texts, not in src/${room}`, () => {
      const found = globSync(`src/${room}/**/*.ts`, { cwd: root, exclude: readers }).flatMap((file) =>
        literalsOf(readFileSync(`${root}${file}`, 'utf8'))
          .filter(({ text, code }) => isForPeople(text) && !forPrograms.test(code))
          .map(({ line, text }) => `${file}:${line} ${text}`),
      );
      assert.deepEqual(found, []);
    });
  }

  it('are recognised in the wrong place', () => {
    const offenders = literalsOf(
      "const name = from || 'Somebody';\nawait turn.say('I cannot do that.');\nsay(`Hello ${name}, how are you`);",
    );
    assert.deepEqual(
      offenders
        .filter(({ text, code }) => isForPeople(text) && !forPrograms.test(code))
        .map(({ line }) => line),
      [1, 2, 3],
    );
    const others = literalsOf(
      "log.warn('The database is away.');\n\n\nthrow new TypeError('The server has no port.');\n\n\n// 'Somebody' is here\nconst type = 'TextBlock';",
    );
    assert.ok(others.every(({ text, code }) => !isForPeople(text) || forPrograms.test(code)));
  });
});
