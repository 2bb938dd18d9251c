import type { CallService } from '../calls/callService.ts';
import type { Sql } from '../database/schema.ts';
import { makeSetting, readSetting } from '../database/settings.ts';

const SETTING = 'keysArrive';

/** Acknowledging by key press, as DTMF tones (`DTMF_ACKNOWLEDGE`). */
export interface DtmfKeys {
  listen: boolean;
  /**
   * Whether to ask people to press a key. In `auto` only once a tone has been received, because Microsoft does not
   * promise tones from Teams users.
   */
  ask(): Promise<boolean>;
}

/** Follows `DTMF_ACKNOWLEDGE`, and remembers in the database that a tone has been received. */
export function createDtmfKeys(mode: 'auto' | 'on' | 'off', sql: Sql, calls: CallService): DtmfKeys {
  let arrived = mode === 'on';
  if (mode === 'auto') {
    calls.listen({
      keys: async (work) => {
        if (arrived) return;
        await makeSetting(work.sql, SETTING, { arrived: true });
      },
    });
  }
  return {
    listen: mode !== 'off',
    ask: async () => {
      if (mode !== 'auto' || arrived) return arrived;
      arrived = (await readSetting(sql, SETTING)) !== null;
      return arrived;
    },
  };
}
