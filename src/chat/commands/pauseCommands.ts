import type { Requester } from '../../calls/call.ts';
import type { Directory } from '../../directory/directory.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import type { PauseState } from '../../calls/pause.ts';
import { operatorRight } from '../../permissions/operators.ts';
import { whomToAsk } from '../../permissions/refusalText.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** The port to the pause of all calls. */
export interface PauseSwitch {
  state(): Promise<PauseState>;
  /** @returns the new state, and whether it has changed */
  pause(by: Requester): Promise<{ state: PauseState; changed: boolean }>;
  resume(by: Requester): Promise<{ state: PauseState; changed: boolean }>;
  /** Records that somebody who is not an operator tried it. */
  refused(by: Requester): Promise<void>;
}

interface Parts {
  pause: PauseSwitch;
  directory: Pick<Directory, 'find'>;
  /** ringdown.yaml as it is now. */
  ringdown: () => Pick<RingdownYaml, 'operators' | 'timeZone'>;
}

/** `pause` and `resume`: the pause of all calls, for the operators in ringdown.yaml. */
export function registerPause({ handlers }: Registers, { pause, directory, ringdown }: Parts): void {
  /** Whether the asker may do it. If not, tells them why. */
  async function isAllowed(turn: ChatTurn): Promise<boolean> {
    const { asker, texts } = turn;
    const { operators } = ringdown();
    const right = await turn.working(async () => await operatorRight(asker, operators, directory));
    if (!(await turn.isFirstDelivery())) return false;
    if (right === 'yes') return true;
    if (right === 'no') await pause.refused(asker);
    const words = texts.chat.pause;
    await turn.say(
      right === 'anonymous'
        ? texts.chat.escalations.anonymousMayNot
        : right === 'unknown'
          ? words.rightUnknown
          : operators.length > 0
            ? words.mayNot({ operators: whomToAsk(operators, texts) })
            : words.noOperators,
    );
    return false;
  }

  handlers.on('pause', async (turn) => {
    if (!(await isAllowed(turn))) return;
    const { texts, asker } = turn;
    const { state, changed } = await pause.pause(asker);
    await turn.say(changed ? texts.chat.pause.paused : pausedLine(turn, state, ringdown().timeZone));
  });
  handlers.on('resume', async (turn) => {
    if (!(await isAllowed(turn))) return;
    const { changed } = await pause.resume(turn.asker);
    const words = turn.texts.chat.pause;
    await turn.say(changed ? words.resumed : words.notPaused);
  });
}

/** A line that says since when calls are paused, and who paused them. */
export function pausedLine({ texts }: Pick<ChatTurn, 'texts'>, state: PauseState, timeZone: string): string {
  const { by, since } = state;
  const words = texts.chat.pause;
  if (!by || !since) return words.isPaused;
  return words.isPausedBy({ by, since: texts.format.time(since, timeZone) });
}
