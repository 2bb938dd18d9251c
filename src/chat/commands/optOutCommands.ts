import type { Requester } from '../../calls/call.ts';
import type { Registers } from '../turn/registers.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  permissions: Pick<CallPermissions, 'stopCalls' | 'allowCalls'>;
}

/** `stop calling me` and `allow calls`: the callee's opt-out from calls that people ask for in chats. */
export function registerOptOuts({ handlers }: Registers, { permissions }: Parts): void {
  const onBehalfOf = async (
    turn: ChatTurn,
    change: (who: Requester & { objectId: string }) => Promise<boolean>,
    done: string,
  ): Promise<void> => {
    const { asker, texts } = turn;
    const { objectId } = asker;
    if (!(await turn.isFirstDelivery())) return;
    if (objectId === undefined) return await turn.say(texts.chat.people.optOut.needsTeams);
    await change({ ...asker, objectId });
    await turn.say(done);
  };
  handlers.on('stopCallingMe', async (turn) => {
    const stop = permissions.stopCalls.bind(permissions);
    await onBehalfOf(turn, stop, turn.texts.chat.people.optOut.stopped);
  });
  handlers.on('allowCalls', async (turn) => {
    const allow = permissions.allowCalls.bind(permissions);
    await onBehalfOf(turn, allow, turn.texts.chat.people.optOut.allowed);
  });
}
