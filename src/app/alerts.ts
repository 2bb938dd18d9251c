import { AlertService } from '../alerts/alertService.ts';
import { Heartbeats } from '../alerts/heartbeats.ts';
import { Intake } from '../alerts/intake.ts';
import { lookUp } from '../config/lookUp.ts';
import { FileCheck, usesOfOpen } from '../operations/fileCheck.ts';
import { Operators } from '../operations/operators.ts';
import { registerRetention } from '../operations/retention.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import type { Calls } from './calls.ts';
import type { Chat } from './chat.ts';
import type { Escalations } from './escalations.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';
import type { Telephony } from './telephony.ts';

export type Alerts = ReturnType<typeof openAlerts>;

/** Alert intake, webhooks, and notices to operators. */
export function openAlerts(
  { config, log, checkpoint, database, sql, clock, jobs, transact, whenStuck }: Storage,
  { openDirectory }: Calls,
  { identities }: Telephony,
  { escalations, calendars, pause }: Escalations,
  { bot }: Chat,
  current: Current,
) {
  const operators = new Operators({
    transact,
    jobs,
    clock,
    log,
    sql,
    operators: () => current.ringdown.operators,
    tellPeople: bot.tellInWords,
  });
  operators.watch(escalations);
  calendars.tellWith(operators.noticeIn.bind(operators));
  pause.listen(async (work, by, paused) => {
    const kind = paused ? 'paused' : 'resumed';
    operators.noticeIn(work, `${kind} by ${by}`, { kind, by });
  });
  whenStuck((job, failingForMs) => {
    const minutes = Math.round(failingForMs / 60_000);
    void operators.notice(`job ${job}`, { kind: 'jobStuck', job, minutes });
  });

  const policyOf = (name: string) => lookUp(current.ringdown.policies, name) ?? null;
  const languageOf = (name: string) => policyOf(name)?.language ?? current.ringdown.language;
  const alerts = new AlertService({
    transact,
    jobs,
    clock,
    escalations,
    policyOf,
    policyMissing: async (work, sender, policy) =>
      operators.noticeIn(work, `policy ${policy}`, { kind: 'policyMissing', sender, policy }),
  });
  const intake = new Intake({
    transact,
    jobs,
    clock,
    log,
    checkpoint,
    alerts,
    languageOf,
    portalUrl: config.cloud.portalUrl,
    sql,
    failed: async (work, sender) =>
      operators.noticeIn(work, `intake failed ${sender}`, { kind: 'intakeFailed', sender }),
  });
  const heartbeats = new Heartbeats({
    transact,
    jobs,
    clock,
    log,
    alerts,
    languageOf,
    expected: () => current.ringdown.heartbeats,
  });
  const webhooks = new Webhooks({
    transact,
    jobs,
    clock,
    log,
    escalations,
    sql,
    webhooks: () => current.ringdown.webhooks,
    notice: async (work, subject, notice) => operators.noticeIn(work, subject, notice),
  });
  webhooks.watch();
  const fileCheck = new FileCheck({
    transact,
    jobs,
    clock,
    log,
    openDirectory,
    ringdown: () => current.ringdown,
    apiKeys: config.apiKeys,
    uses: async () => await usesOfOpen(sql),
    tell: async (subject, notice) => await operators.noticeOnce(subject, notice),
  });
  const retention = registerRetention({
    database,
    transact,
    jobs,
    clock,
    log,
    retentionDays: () => current.ringdown.retentionDays,
    keepMessages: () => current.ringdown.keepMessages,
    identities: async () => await identities.sweep(),
    wakeForgotten: async () => await escalations.wakeForgotten(log),
  });
  return { operators, intake, heartbeats, webhooks, fileCheck, retention };
}
