import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = z.object({
  diagnostics: z.array(
    z.object({
      message: z.string(),
      code: z.string(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
    }),
  ),
});

/** A message of the linter, with the project's own configuration. */
export interface Finding {
  /** Its rule, such as `import(no-cycle)`. */
  code: string;
  file: string;
  /** Starting at 1. */
  line: number;
  message: string;
}

/** Lints these files, by path, as if they belonged to the project. */
export async function linted(files: Readonly<Record<string, string>>): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-lint-'));
  try {
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), source);
    }
    const { diagnostics } = output.parse(JSON.parse(await run(folder)));
    return diagnostics.map(({ code, filename: file, labels, message }) => ({
      code,
      file,
      message,
      line: labels[0]?.span.line ?? 0,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** It exits with 1 if it finds something. */
async function run(cwd: string): Promise<string> {
  const bin = join(root, 'node_modules', '.bin');
  const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) };
  const options = ['--config', join(root, '.oxlintrc.json'), '--format', 'json', '.'];
  return await new Promise((resolve, reject) => {
    execFile(join(bin, 'oxlint'), options, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (stdout.startsWith('{')) resolve(stdout);
      else reject(error ?? new TypeError('no answer from oxlint'));
    });
  });
}
