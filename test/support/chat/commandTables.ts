import assert from 'node:assert/strict';
import { parseCommand } from '../../../src/chat/language/parseCommand.ts';
import type { Command } from '../../../src/chat/language/command.ts';
import { placeholder } from '../../../src/chat/language/mentions.ts';

const mentions = [{ id: '29:adele', name: 'Adele Vance' }];
export const adele = placeholder(0);

/** Reads a message as people with these mentions and voice apps write it. */
export const parse = (text: string): Command => parseCommand(text, mentions, { voiceApps: ['Help Desk'] });

/** @param who a name; null for the writer */
export const call = (who: string | null, message?: string): Command => ({
  kind: 'call',
  person: who === null ? { by: 'self' } : { by: 'text', text: who },
  ...(message !== undefined && { message }),
});

export const callMentioned = (message?: string): Command => ({
  kind: 'call',
  person: { by: 'mention', id: '29:adele', name: 'Adele Vance' },
  ...(message !== undefined && { message }),
});

export const escalate = (targets: readonly string[], message: string): Command => ({
  kind: 'escalate',
  targets: targets.map((text) => ({ by: 'text', text })),
  message,
});

export interface CommandTable {
  readonly language: string;
  /** Phrasings that act. */
  readonly acts: readonly (readonly [said: string, command: Command])[];
  /** Whole messages for commands without a parameter. */
  readonly whole: Readonly<Partial<Record<Command['kind'], readonly string[]>>>;
  /** Phrasings that call nobody, by what they are instead. */
  readonly callsNobody: Readonly<Partial<Record<Command['kind'], readonly string[]>>>;
  /** An answer with the wording that would act. */
  readonly suggests: readonly (readonly [said: string, say: string])[];
}

const kindsOf = (lists: CommandTable['whole']): [said: string, kind: string][] =>
  Object.entries(lists).flatMap(([kind, said]) => said.map((one): [string, string] => [one, kind]));

/** Tests a table of phrasings in one language. */
export function testCommandTable({ language, acts, whole, callsNobody, suggests }: CommandTable): void {
  describe(`Commands in ${language}`, () => {
    describe('act', () => {
      for (const [said, command] of acts) it(said, () => assert.deepEqual(parse(said), command));
      for (const [said, kind] of kindsOf(whole)) it(said, () => assert.deepEqual(parse(said), { kind }));
    });

    describe('call nobody', () => {
      for (const [said, kind] of kindsOf(callsNobody)) it(said, () => assert.equal(parse(said).kind, kind));
    });

    it('are suggested in the same language', () => {
      for (const [said, say] of suggests) {
        const command = parse(said);
        assert.equal('say' in command ? command.say : undefined, say, said);
      }
    });

    it('do the same in capitals, and with spaces around them', () => {
      for (const [said, command] of acts) {
        const shouted = JSON.stringify(parse(`  ${said.toUpperCase()}\n`));
        assert.equal(shouted.toUpperCase(), JSON.stringify(command).toUpperCase(), said);
      }
    });

    it('are tested by at least 40 phrasings that act and 40 that call nobody', () => {
      assert.ok(acts.length >= 40 && kindsOf(callsNobody).length >= 40);
    });
  });
}
