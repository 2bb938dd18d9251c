import { CallService } from '../calls/callService.ts';
import { createGraphDirectory } from '../directory/graphDirectory.ts';
import type { Directory } from '../directory/directory.ts';
import { ServiceConnections } from '../directory/serviceConnections.ts';
import { isPinOf } from '../escalations/pins.ts';
import { ChosenLanguages } from '../languages/chosenLanguages.ts';
import { logCalls } from '../operations/eventLog.ts';
import { watchCalls } from '../operations/metrics/watchCalls.ts';
import { OptOuts } from '../permissions/optOuts.ts';
import { Permissions } from '../permissions/permissions.ts';
import type { Current } from './parts.ts';
import { graphTokens, type Storage } from './storage.ts';

export type Calls = ReturnType<typeof openCalls>;

/** Calls, the directory, permissions, and the languages that people have chosen. */
export function openCalls(storage: Storage, current: Current) {
  const { config, log, tracing, database, sql, clock, metrics, audit, transact } = storage;
  const ringdown = () => current.ringdown;
  const calls = new CallService({
    database,
    transact,
    clock,
    ringTimeoutSeconds: config.ringTimeoutSeconds,
    createCallsPerSecond: current.ringdown.limits.createCallsPerSecond,
    paced: () => metrics.limitsHit.inc({ limit: 'createCallsPerSecond' }),
    span: () => tracing.here(),
    log,
    apart: tracing.isOn,
  });
  const connections = new ServiceConnections();
  const openDirectory = (): Directory =>
    createGraphDirectory({
      graphUrl: config.graph.url,
      voiceApps: () => current.ringdown.voiceApps,
      cloud: config.cloud,
      clock,
      getToken: graphTokens(storage),
      connections,
    });
  const directory = openDirectory();
  const optOuts = new OptOuts(sql, clock);
  const permissions = new Permissions({ database, directory, optOuts, audit, clock, ringdown });
  const languages = new ChosenLanguages({ database, transact, clock });
  calls.placing.guardWith(permissions);
  calls.placing.findLanguagesWith(languages.ofCallee.bind(languages));
  calls.judgePinsWith((call, digits) => isPinOf(call, digits, current.ringdown));
  calls.listen(watchCalls(metrics, clock));
  calls.listen(logCalls(log));
  return { calls, directory, openDirectory, connections, optOuts, permissions, languages };
}
