import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { knownPolicies } from '../escalations/policies.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { Registers } from '../turn/registers.ts';

interface Parts {
  permissions: Pick<CallPermissions, 'checkAsker'>;
  ringdown: () => Pick<RingdownYaml, 'policies'>;
}

/** Asks for the missing part of a command. Only people who may place calls see the names of policies. */
export function registerIncomplete({ handlers }: Registers, { permissions, ringdown }: Parts): void {
  handlers.on('incomplete', async (turn, { of, missing }) => {
    if (!(await turn.isFirstDelivery())) return;
    const { chat } = turn.texts;
    const words = chat.escalations;
    if (of === 'call') return await turn.say(chat.calls.incomplete);
    if (of === 'whoIs') return await turn.say(chat.people.whoIsIncomplete);
    if (of === 'escalate')
      return await turn.say(missing === 'message' ? words.whatIsItAbout : words.whoToCall);
    if (of === 'swap' && missing === 'person') return await turn.say(words.swap.withWhom);
    if (of === 'swap' && missing === 'when') return await turn.say(words.swap.when);
    if (missing === 'until') return await turn.say(words.cover.untilWhen);
    await permissions.checkAsker(turn.asker, null);
    await turn.say(words.whichPolicy(knownPolicies(ringdown(), turn.texts)));
  });
}
