import type { RingdownYaml } from '../../config/ringdownSchema.ts';
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
    const { texts } = turn;
    const { escalationChat } = texts;
    if (of === 'call') return await turn.say(texts.say.chat.calls.incomplete);
    if (of === 'whoIs') return await turn.say(texts.say.chat.people.whoIsIncomplete);
    if (of === 'escalate') return await turn.say(escalationChat.escalateIncomplete(missing));
    if (missing === 'until') return await turn.say(escalationChat.coverUntilWhen());
    await permissions.checkAsker(turn.asker, null);
    await turn.say(escalationChat.whichPolicy(Object.keys(ringdown().policies)));
  });
}
