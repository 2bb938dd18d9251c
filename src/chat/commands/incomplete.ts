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
    const { chat, escalationChat } = turn.texts;
    if (of === 'call') return await turn.say(chat.callIncomplete());
    if (of === 'whoIs') return await turn.say(chat.whoIsIncomplete());
    if (of === 'escalate') return await turn.say(escalationChat.escalateIncomplete(missing));
    if (missing === 'until') return await turn.say(escalationChat.coverUntilWhen());
    await permissions.checkAsker(turn.asker, null);
    await turn.say(escalationChat.whichPolicy(Object.keys(ringdown().policies)));
  });
}
