import type { Clock } from './clock.ts';
import type { Timings } from './callAutomation/timings.ts';
import type { Exchange } from './http/requests.ts';
import type { PersonInput } from './people/person.ts';

export interface EmulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** The emulator's clock. Default: the machine's. */
  clock?: Clock;
  /** Random numbers from 0 to 1, for faults with a probability. */
  random?: () => number;
  /** The access key, base64. Default: a new one. */
  accessKey?: string;
  /** The immutable id of the resource, which is the audience of callback tokens. */
  resourceId?: string;
  tenantId?: string;
  /**
   * Origin of Entra's addresses, if a server in front of the emulator speaks https: MSAL accepts no other. Default: the
   * emulator's own.
   */
  entraOrigin?: string;
  /** Default: the built-in people. */
  people?: PersonInput[];
  /** The token that Graph requires. Default: a new one. */
  graphToken?: string;
  /** Whether a repeated Repeatability-Request-ID gets the first answer again. Default: true. */
  replayRepeatability?: boolean;
  timings?: Partial<Timings>;
  /**
   * The clock that `x-ms-date` of signed requests is compared with. Default: the machine's, whatever `clock` is,
   * because the SDKs use the machine's.
   */
  signatureTime?: () => number;
  /** Called for every request with its answer. */
  onExchange?: (exchange: Exchange) => void;
}

/** The addresses of a running emulator. */
export interface Addresses {
  /** Without a trailing slash, like all of these. */
  url: string;
  /** For the SDKs of Azure Communication Services. */
  connectionString: string;
  resourceId: string;
  tenantId: string;
  /** OpenID document with the keys of callback tokens. */
  openIdUrl: string;
  /** Issuer of callback tokens: the same as the real service's, as in the document at `openIdUrl`. */
  issuer: string;
  /** Root of Graph. Requests go to `/v1.0` below it. */
  graphUrl: string;
  graphToken: string;
  /** `serviceUrl` of the activities that the channel sends. */
  connectorUrl: string;
  /** OpenID document with the keys of the channel's own tokens. */
  botFrameworkOpenIdUrl: string;
  entraUrl: string;
  controlUrl: string;
  phonesUrl: string;
  /** A telephone number of the resource, E.164. */
  phoneNumber: string;
}
