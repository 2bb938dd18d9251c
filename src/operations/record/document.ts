import type { StepRecord, Verdict } from './run.ts';

export interface Surroundings {
  version: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Whether it ran against Azure. A run against the emulator proves nothing. */
  against: 'azure' | 'emulator';
  cloud: string;
  host: 'App Service' | 'Container Apps' | 'Kubernetes' | 'another machine';
  node: string;
  bot: string;
  communicationServices: 'identity' | 'key';
  database: string;
}

export interface RecordDocument {
  surroundings: Surroundings;
  steps: readonly StepRecord[];
}

/** 0: all steps confirmed. 1: a step was refuted or failed. 3: otherwise, if a step is still open. */
export function exitCode(steps: readonly StepRecord[]): 0 | 1 | 3 {
  const verdicts = new Set<Verdict>(steps.map(({ verdict }) => verdict));
  if (verdicts.has('refuted') || verdicts.has('failed')) return 1;
  return verdicts.has('open') || steps.length === 0 ? 3 : 0;
}

/** The record as Markdown, to attach to an issue. */
export function markdown({ surroundings, steps }: RecordDocument): string {
  const { at, against, ...rest } = surroundings;
  const lines = [
    `# Record of ${at.slice(0, 10)}`,
    '',
    against === 'azure'
      ? 'Recorded against Azure. Secrets, names, addresses and ids are replaced.'
      : '**Against the emulator: this says nothing about Azure.**',
    '',
    ...Object.entries({ at, ...rest }).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '| step | verdict | claim | why |',
    '| --- | --- | --- | --- |',
    ...steps.map(
      ({ id, verdict, claim, why }) => `| \`${id}\` | ${verdict} | ${claim} | ${cell(why.join('; '))} |`,
    ),
  ];
  for (const { id, answers, findings = [], call } of steps) {
    if (answers.length === 0 && findings.length === 0 && call === undefined) continue;
    lines.push('', `## ${id}`, '');
    for (const { question, answer } of answers) lines.push(`- ${question} **${answer}**`);
    for (const { name, level, means } of findings) lines.push(`- ${level} \`${name}\`: ${means}`);
    if (call !== undefined) {
      const code = call.code === null ? '' : ` (${call.code}/${call.subCode})`;
      lines.push(`- ended as ${call.disposition}${code}`);
      lines.push(`- ${call.timeline.map(({ event, afterMs }) => `${event} +${afterMs} ms`).join(', ')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
