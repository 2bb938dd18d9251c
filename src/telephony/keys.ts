import type { CallService } from '../calls/callService.ts';
import type { Sql } from '../database/schema.ts';
import { makeSetting, readSetting } from '../database/settings.ts';

const SETTING = 'keysArrive';

/** Whether key presses are listened for, and whether people are told to press them. */
export interface Keys {
  listen: boolean;
  /** `auto`: only once a tone has been received, because the service does not promise them from Teams users. */
  ask(): Promise<boolean>;
}

/** Follows `DTMF_ACKNOWLEDGE`; remembers in the database that keys were once received. */
export function createKeys(mode: 'auto' | 'on' | 'off', sql: Sql, calls: CallService): Keys {
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
