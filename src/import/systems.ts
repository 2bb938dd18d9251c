import { grafanaOncall, readGrafanaOncall } from './grafanaOncall.ts';
import { opsgenie, readOpsgenie } from './opsgenie.ts';
import { pagerduty, readPagerduty } from './pagerduty.ts';
import type { Source, System } from './source.ts';

/** The systems whose exports can be read, with their readers. */
export const systems: readonly { system: System; read: (source: string, now: number) => Source }[] = [
  { system: grafanaOncall, read: readGrafanaOncall },
  { system: opsgenie, read: readOpsgenie },
  { system: pagerduty, read: readPagerduty },
];
