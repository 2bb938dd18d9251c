import { setTimeout as pause } from 'node:timers/promises';
import { toTarget } from '../../directory/callable.ts';
import type { Directory } from '../../directory/directory.ts';
import type { CallView, TimelineEntry } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { callLine } from '../../texts/callTimeline.ts';
import { textsFor } from '../../texts/texts.ts';

export interface TestCallParts {
  calls: Pick<CallService, 'place' | 'get' | 'timeline'>;
  directory: Pick<Directory, 'find'>;
  print: (line: string) => void;
}

export type TestCallEnd = Pick<CallView, 'disposition' | 'code' | 'subCode'> & {
  timeline: readonly TimelineEntry[];
};

const POLL_MS = 100;

/**
 * Places a test call that says that it is a test. Prints what happens, until the call has ended.
 *
 * @param person as in a chat: user principal name, object id or name
 * @returns how the call ended; null if nobody or several people match
 */
export async function placeTestCall(person: string, parts: TestCallParts): Promise<TestCallEnd | null> {
  const { calls, directory, print } = parts;
  const found = await directory.find({ text: person }, null);
  if (found.kind !== 'one') {
    const others = found.kind === 'several' ? found.people : found.suggestions;
    const names = others.map(({ displayName, userPrincipalName }) => `${displayName} (${userPrincipalName})`);
    print(
      `“${person}” ${found.kind === 'several' ? 'matches several people' : 'cannot be found'}. ${names.join(', ')}`,
    );
    return null;
  }
  const { call } = await calls.place({
    target: toTarget(found.person),
    requestedBy: { kind: 'operator', key: 'operator:doctor', name: 'the doctor' },
    purpose: { kind: 'test' },
    language: 'en',
  });
  print(`Test call ${call.id} to ${found.person.displayName}:`);
  const texts = textsFor('en');
  for (let printed = 0; ;) {
    const now = await calls.get(call.id);
    const timeline = await calls.timeline(call.id);
    for (const entry of timeline.slice(printed)) {
      print(`  ${entry.at}  ${callLine(entry, texts)}`);
    }
    printed = timeline.length;
    const shown = now ? view(now) : null;
    if (shown?.status === 'ended') {
      print(`  ${shown.disposition}${shown.code === null ? '' : ` (${shown.code}/${shown.subCode})`}`);
      const { disposition, code, subCode } = shown;
      return { disposition, code, subCode, timeline };
    }
    await pause(POLL_MS);
  }
}
