import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/*
 * Who may import what. `from` and `to` are matched against paths in the repository (`src/calls/call.ts`); a package is
 * `npm:<name>`, a part of Node `node:<name>`. oxlint's no-restricted-imports sees neither `import()` nor "everything but
 * these", hence an own checker.
 */
export interface Rule {
  rule: string;
  from: RegExp;
  /** Files that the rule leaves alone. */
  except?: RegExp;
  to: RegExp;
  /** `import type` and `export type … from`: nothing is loaded when the program runs. */
  typesAllowed?: true;
}

const code = /^(src|emulator|demo|bench|scripts)\//;
const pure =
  /^src\/(lookUp|clouds|calls\/(call|captures|lifecycle|dispositions)|escalations\/(escalation|ladder|words|disturbances|optOuts)|chat\/(language\/(?!times\.)|cards\/renderers\/).+|directory\/(matching|folding|callable|presence|spellings)|permissions\/rules|privacy\/anonymise|alerts\/(signal|prometheusGroup|alertmanager|grafana|azureMonitor|azureContexts|azureWords|heartbeatGrace|pagerDuty|formats|bundling|episodes)|texts\/.+)\.ts$/;

export const rules: readonly Rule[] = [
  {
    rule: 'botbuilder is imported in src/chat only, so that its successor replaces it in one folder',
    from: code,
    except: /^(src\/chat|bench\/peers)\//,
    to: /^npm:(botbuilder|botframework-)/,
  },
  {
    rule: 'within src/chat only connector/ and turn/ load botbuilder',
    from: /^src\/chat\//,
    except: /^src\/chat\/(connector|turn)\//,
    to: /^npm:(botbuilder|botframework-)/,
    typesAllowed: true,
  },
  {
    rule: 'restify is imported in src/http only',
    from: code,
    except: /^(src\/http|bench\/peers)\//,
    to: /^npm:restify(-|$)/,
  },
  {
    rule: 'OpenTelemetry is imported in two files, which are loaded only when traces are on',
    from: code,
    except: /^src\/operations\/tracing\/(openTelemetry|applicationInsights)\.ts$/,
    to: /^npm:@(opentelemetry\/|azure\/monitor-opentelemetry-exporter)/,
  },
  {
    rule: 'nobody loads OpenTelemetry but whoever finds that traces are on',
    from: code,
    except: /^src\/operations\/tracing\/(tracing|openTelemetry)\.ts$/,
    to: /^src\/operations\/tracing\/(openTelemetry|applicationInsights)\.ts$/,
  },
  {
    rule: 'emulator/ stands alone: it imports nothing from src/',
    from: /^emulator\//,
    to: /^(src|demo|test|bench|scripts)\//,
  },
  {
    rule: 'src/ does not know the emulator, the tests and the tools',
    from: /^src\//,
    to: /^(emulator|demo|test|bench|scripts)\//,
  },
  {
    rule: 'calls announces, others subscribe: src/calls imports none of them',
    from: /^src\/calls\//,
    to: /^src\/(escalations|chat|http|telephony|directory)\//,
  },
  {
    rule: 'pure files import only types, other pure files and zod',
    from: pure,
    to: new RegExp(`^(?!npm:zod$)(?!${pure.source.slice(1)})`),
    typesAllowed: true,
  },
  {
    rule: 'imports run one way: calls, directory and permissions import nothing from the rooms above them',
    from: /^src\/(calls|directory|permissions)\//,
    to: /^src\/(alerts|escalations|chat|http|telephony|talk|webhooks|operations)\//,
  },
  {
    rule: 'imports run one way: alerts and escalations import nothing from the rooms above them',
    from: /^src\/(alerts|escalations)\//,
    to: /^src\/(chat|http|telephony|talk|webhooks|operations)\//,
  },
  {
    rule: 'imports run one way within src/chat: only types come from calls, commands and escalations',
    from: /^src\/chat\/(connector|language|cards|turn|choices|people)\//,
    to: /^src\/chat\/(calls|commands|escalations|bot\.ts|dispatch\.ts)/,
    typesAllowed: true,
  },
  {
    rule: 'imports run one way: database imports from other rooms only types',
    from: /^src\/database\//,
    to: /^src\/(?!database\/)[^/]+\//,
    typesAllowed: true,
  },
  {
    rule: 'what all rooms share imports from rooms only types',
    from: /^src\/[^/]+$/,
    except: /^src\/(app|main|run|doctor|record)\.ts$/,
    to: /^src\/[^/]+\//,
    typesAllowed: true,
  },
  {
    rule: 'app.ts joins the parts: no part imports it',
    from: /^src\//,
    except: /^src\/(main|run|doctor|record)\.ts$/,
    to: /^src\/(app|main|run|doctor|record)\.ts$/,
  },
];

const unreadable = 'what import() loads must be written out, so that this check can read it';

export interface Violation {
  file: string;
  line: number;
  imports: string;
  rule: string;
}

interface Import {
  /** Undefined when it is not written out. */
  specifier: string | undefined;
  line: number;
  typeOnly: boolean;
}

// A clause may hold comments, and these any quote. It holds no `=` and no `(`: that keeps `export const …` out.
const statement =
  /^[ \t]*(?:import|export)\b(\s+type\b(?!\s+from\b))?(?:(?:[^'"`;=()/]|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*?\bfrom\b|(?=\s*['"]))\s*(?:'([^'\n]+)'|"([^"\n]+)")/gm;
const call =
  /\b(?:import|require)\s*\(\s*(?:\/\*[\s\S]*?\*\/\s*)?(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$\n]+)`|(?=[^\s'")]))/g;

/** What a module imports and re-exports, `import()` and `require()` included, by reading its text. */
export function importsOf(source: string): Import[] {
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  const statements = [...source.matchAll(statement)].map((match): Import => ({
    specifier: match[2] ?? match[3],
    line: lineAt(match.index + match[0].length),
    // `import { type A } from` loads the module all the same.
    typeOnly: match[1] !== undefined,
  }));
  const calls = [...source.matchAll(call)]
    .filter(({ index }) => {
      const before = source.slice(source.lastIndexOf('\n', index) + 1, index);
      return !/^\s*(\/\/|\/?\*)|\/\/ |[.\w'"`]$/.test(before);
    })
    .map((match): Import => ({
      specifier: match[1] ?? match[2] ?? match[3],
      line: lineAt(match.index),
      typeOnly: false,
    }));
  return [...statements, ...calls].toSorted((a, b) => a.line - b.line);
}

/** `src/calls/call.ts`, `npm:zod`, `npm:@azure/identity` or `node:fs`. */
function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return `npm:${specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')}`;
}

/** Every import in the tree that breaks a rule, by file and line. */
export function findViolations(root: string): Violation[] {
  const files = globSync('{src,emulator,demo,bench,scripts}/**/*.{ts,js,mts,mjs}', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted();
  return files.flatMap((file) =>
    importsOf(readFileSync(posix.join(root, file), 'utf8')).flatMap(({ specifier, line, typeOnly }) => {
      if (specifier === undefined) return [{ file, line, imports: 'import(…)', rule: unreadable }];
      const target = targetOf(file, specifier);
      return rules
        .filter(({ from, except, to, typesAllowed }) => {
          const concerned = from.test(file) && except?.test(file) !== true && to.test(target);
          return concerned && !(typeOnly && typesAllowed === true);
        })
        .map(({ rule }) => ({ file, line, imports: specifier, rule }));
    }),
  );
}

if (import.meta.main) {
  const violations = findViolations(process.cwd());
  for (const { file, line, imports, rule } of violations) {
    console.error(`${file}:${line} imports ${imports}: ${rule}`);
  }
  process.exitCode = violations.length === 0 ? 0 : 1;
}
