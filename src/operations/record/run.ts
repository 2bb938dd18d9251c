import { timeNow, type Clock } from '../../clock.ts';
import { RingdownError } from '../../errors.ts';
import type { TestCallEnd } from '../doctor/testCall.ts';
import { catalogue, type Finding } from '../doctor/findings.ts';
import type { Question, Step } from './steps.ts';

export type Answer = 'yes' | 'no' | 'skip';

export interface StepTools {
  clock: Pick<Clock, 'now'>;
  examine(): Promise<readonly Finding[]>;
  /** Null if the person is not found. */
  call(): Promise<TestCallEnd | null>;
  /** Shows the preparation of a step. @returns whether to run it */
  prepare(step: Step): Promise<boolean>;
  ask(question: Question): Promise<Answer>;
  print(line: string): void;
}

/**
 * - confirmed: the claim is true
 * - refuted: the claim is false
 * - failed: the step itself failed, which says nothing about the claim
 * - open: the step was skipped, or a question was not answered
 */
export type Verdict = 'confirmed' | 'refuted' | 'failed' | 'open';

export interface StepRecord {
  id: string;
  claim: string;
  verdict: Verdict;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Reasons, in words of the code: nothing that a service or a person wrote. */
  why: string[];
  answers: { question: string; answer: Answer }[];
  findings?: { name: string; level: string; means: string }[];
  call?: {
    disposition: string | null;
    code: number | null;
    subCode: number | null;
    timeline: { event: string; afterMs: number }[];
  };
}

/** Runs the steps one after another. A failed step does not stop the others. */
export async function runSteps(chosen: readonly Step[], tools: StepTools): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for (const step of chosen) {
    tools.print(`\n${step.id}: ${step.claim}`);
    const record: StepRecord = {
      id: step.id,
      claim: step.claim,
      verdict: 'open',
      why: [],
      answers: [],
      startedAt: timeNow(tools.clock),
    };
    try {
      await take(step, record, tools);
    } catch (error) {
      record.verdict = 'failed';
      record.why.push(`failed: ${kindOf(error)}`);
    }
    tools.print([record.verdict, ...record.why].join('; '));
    records.push(record);
  }
  return records;
}

/** The type of an error. Its message may quote anything. */
function kindOf(error: unknown): string {
  if (error instanceof RingdownError) return error.kind.title;
  return error instanceof Error ? error.name : 'an unknown error';
}

async function take(step: Step, record: StepRecord, tools: StepTools): Promise<void> {
  if (!(await tools.prepare(step))) {
    record.why.push('skipped');
    return;
  }
  if (step.kind === 'examine') {
    examined(record, await tools.examine());
    return;
  }
  if (step.kind === 'call' && !called(step, record, await tools.call())) return;
  const wrong = record.why.length > 0;
  let isOpen = false;
  for (const question of step.questions) {
    const answer = await tools.ask(question);
    record.answers.push({ question: question.text, answer });
    if (answer === 'skip') isOpen = true;
    else if (answer !== question.confirms) record.why.push(`“${question.text}” ${answer}`);
  }
  record.verdict = wrong || record.why.length > 0 ? 'refuted' : isOpen ? 'open' : 'confirmed';
}

function examined(record: StepRecord, findings: readonly Finding[]): void {
  record.findings = findings.flatMap(({ name, level }) =>
    name === null ? [] : [{ name, level, means: catalogue[name].means }],
  );
  const faults = findings.filter(({ level }) => level === 'fault');
  record.verdict = faults.length === 0 ? 'confirmed' : 'refuted';
  for (const { name } of faults) record.why.push(String(name));
}

/** @returns whether there was a call to ask questions about */
function called(step: Extract<Step, { kind: 'call' }>, record: StepRecord, end: TestCallEnd | null): boolean {
  if (end === null) {
    record.verdict = 'failed';
    record.why.push('the person cannot be found');
    return false;
  }
  const { disposition, code, subCode, timeline } = end;
  const begun = Date.parse(timeline[0]?.at ?? '');
  record.call = {
    disposition,
    code,
    subCode,
    timeline: timeline.map(({ type, at }) => ({ event: type, afterMs: Date.parse(at) - begun })),
  };
  if (disposition !== step.ends) record.why.push(`ended as ${disposition}, not as ${step.ends}`);
  if (step.needs !== undefined && !timeline.some(({ type }) => type === step.needs)) {
    record.why.push(`no ${step.needs} in the timeline`);
  }
  return true;
}
