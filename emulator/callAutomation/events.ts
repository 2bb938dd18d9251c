import { randomBytes, randomUUID } from 'node:crypto';

export const apiVersion = '2026-03-12';
const prefix = 'Microsoft.Communication.';

/** A CloudEvent as Call Automation posts it (recorded from the real service, see README.md). */
export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  data: Record<string, unknown>;
  time: string;
  specversion: '1.0';
  datacontenttype: 'application/json';
  subject: string;
}

export interface EventSubject {
  callConnectionId: string;
  serverCallId: string;
  correlationId: string;
}

/** Builds events. Their times have seven fractional digits, and increase from event to event. */
export class EventMaker {
  readonly #now: () => number;
  #ticks = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  make(
    subject: EventSubject,
    type: string,
    data: Record<string, unknown>,
    path = `calling/callConnections/${subject.callConnectionId}`,
  ): CloudEvent {
    return {
      id: randomUUID(),
      source: path,
      type: prefix + type,
      data: {
        ...data,
        version: apiVersion,
        callConnectionId: subject.callConnectionId,
        serverCallId: subject.serverCallId,
        correlationId: subject.correlationId,
        publicEventType: prefix + type,
      },
      time: this.#time(),
      specversion: '1.0',
      datacontenttype: 'application/json',
      subject: path,
    };
  }

  #time(): string {
    this.#ticks = (this.#ticks + 1) % 10_000;
    const milliseconds = new Date(this.#now()).toISOString().slice(0, -1);
    return `${milliseconds}${String(this.#ticks).padStart(4, '0')}+00:00`;
  }
}

/** Base64 of an internal address of the service, as recorded. */
export function newServerCallId(now: number): string {
  const conversation = randomBytes(16).toString('base64url');
  const address = `https://api.flightproxy.skype.com/api/v2/cp/conv-emul-01-prod-aks.conv.skype.com/conv/${conversation}?i=10-128-136-190&e=${now}`;
  return Buffer.from(address).toString('base64');
}
