import {
  SETUP,
  allowExternalAccess,
  allowResource,
  callingRole,
  enableVoice,
  speechRole,
} from '../adminLines.ts';
import type { Texts } from '../language.ts';

export const advice: Texts['advice'] = {
  messageDelivered: null,
  talked: null,
  talkedPageSilent: null,
  linkNotUsed: null,
  pageSilent: null,
  messageCutShort: null,
  messageStopped: null,
  messageNotConfirmed: null,
  connectedToCaller: null,
  answeredAndHungUp: null,
  testAnswered: null,
  acknowledged: null,
  answeredNotAcknowledged: null,
  declined: null,
  noAnswer: null,
  busy: null,
  cancelledByRequester: null,
  cancelledByOperator: null,
  cancelledByEscalation: null,
  madeWayForAlert: null,

  messageNotSpoken: () => ({
    text: 'Das Abspielen schlug im Dienst fehl; der Ergebniscode steht im Log. Wiederholt es sich, prüfen Sie die Sprachressource hinter COGNITIVE_SERVICES_ENDPOINT.',
    commands: [],
    docs: `${SETUP}#speech`,
  }),
  speechNotConfigured: () => ({
    text: 'Setzen Sie COGNITIVE_SERVICES_ENDPOINT auf Ihre Azure-AI-Services-Ressource, und geben Sie der verwalteten Identität der Communication-Services-Ressource darauf die Rolle „Cognitive Services User“.',
    commands: [speechRole],
    docs: `${SETUP}#speech`,
  }),
  speechThrottled: () => ({
    text: 'Die Azure-AI-Services-Ressource antwortete mit 429. Erhöhen Sie ihr Kontingent oder ihren Tarif.',
    commands: [],
    docs: `${SETUP}#speech`,
  }),
  speechNotLinked: () => ({
    text: 'Geben Sie der verwalteten Identität der Communication-Services-Ressource die Rolle „Cognitive Services User“ auf der Azure-AI-Services-Ressource, und prüfen Sie, ob COGNITIVE_SERVICES_ENDPOINT der Endpunkt dieser Ressource ist (https://<name>.cognitiveservices.azure.com/).',
    commands: [speechRole],
    docs: `${SETUP}#speech`,
  }),
  transferFailed: () => ({
    text: 'Die anrufende Person war nicht per Weiterleitung erreichbar. Sie braucht ein offenes Teams, eine Lizenz für Teams Phone und freigeschaltete Telefonie, wie alle, die angerufen werden.',
    commands: [],
    docs: `${SETUP}#teams-phone`,
  }),

  notRegistered: () => ({
    text: 'Für diese ID ist kein Teams-Client registriert. Ist die Person in Teams angemeldet, prüfen Sie die Objekt-ID. Eine automatische Telefonzentrale oder eine Warteschleife ist kein Benutzer; nennen Sie sie unter voiceApps.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  registeredButOffline: () => ({
    text: 'Die Teams-Clients der Person sind bekannt, haben dem Dienst aber nicht geantwortet. Teams auf dem Smartphone braucht erlaubte Benachrichtigungen.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  acceptedElsewhere: () => ({
    text: 'Der Dienst sagte nur, dass ein anderes Gerät den Anruf annahm. Einzustellen ist nichts. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),

  federationNotAllowed: (known) => ({
    text: 'Lassen Sie als Teams-Administration diese Ressource in Ihrem Mandanten zu, und erlauben Sie ihr, die Benutzer anzurufen. Die Liste wird ersetzt: Nennen Sie jede Ressource, die zugelassen sein soll. Bis es wirkt, vergehen Minuten bis einige Stunden.',
    commands: [allowResource(known), allowExternalAccess],
    docs: `${SETUP}#federation`,
  }),
  enterpriseVoiceOrSource: (known) => ({
    text: 'Geben Sie der Person eine Lizenz für Teams Phone, und schalten Sie die Telefonie frei. Derselbe Code kommt, wenn dem Anruf die Quellidentität fehlte: Ist ACS_SOURCE_IDENTITY gesetzt, muss sie zu dieser Ressource gehören.',
    commands: [enableVoice(known)],
    docs: `${SETUP}#teams-phone`,
  }),
  personalAccount: () => ({
    text: 'Private Microsoft-Konten können nicht angerufen werden. Nennen Sie das Geschäfts-, Schul- oder Unikonto der Person.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  blockedAsSpam: () => ({
    text: 'Der Dienst hatte diesen Anrufer als Spam eingestuft. Rufen Sie einige Stunden lang seltener an (limits in ringdown.yaml). Bleibt es dabei, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#spam`,
  }),
  forbidden: (known) => ({
    text: 'Prüfen Sie, ob diese Ressource im Mandanten zugelassen ist, der externe Zugriff eingeschaltet ist und die Person eine Lizenz für Teams Phone und freigeschaltete Telefonie hat.',
    commands: [
      'Get-CsTeamsAcsFederationConfiguration',
      'Get-CsExternalAccessPolicy -Identity Global',
      enableVoice(known),
    ],
    docs: `${SETUP}#federation`,
  }),
  insufficientPermission: () => ({
    text: 'Geben Sie der Identität, unter der Ringdown läuft, eine Rolle auf der Communication-Services-Ressource, oder verwenden Sie ACS_CONNECTION_STRING.',
    commands: [callingRole],
    docs: `${SETUP}#credentials`,
  }),
  tenantMismatch: (known) => ({
    text: 'Der Dienst sagt, dass die Mandanten nicht zusammenpassen. Gehört die Person zu einem anderen Mandanten, muss dessen Administration diese Ressource dort zulassen.',
    commands: [allowResource(known)],
    docs: `${SETUP}#federation`,
  }),
  sourceIdentityInvalid: () => ({
    text: 'ACS_SOURCE_IDENTITY muss zur Ressource von ACS_CONNECTION_STRING oder ACS_ENDPOINT gehören. Lassen Sie es leer und starten Sie neu: Ringdown legt dann eine Identität an.',
    commands: [],
    docs: `${SETUP}#source-identity`,
  }),
  unauthorisedInterop: (known) => ({
    text: 'Schalten Sie als Teams-Administration den externen Zugriff für Communication Services ein, und lassen Sie diese Ressource zu.',
    commands: [allowExternalAccess, allowResource(known)],
    docs: `${SETUP}#external-access`,
  }),

  unauthenticated: () => ({
    text: 'Prüfen Sie ACS_CONNECTION_STRING (wurde der Schlüssel erneuert?) oder, bei ACS_ENDPOINT, die verwaltete Identität, und die Uhr dieses Rechners: Anfragen werden mit der Zeit signiert.',
    commands: [],
    docs: `${SETUP}#credentials`,
  }),
  invalidArgument: () => ({
    text: 'Im Log steht die Meldung des Dienstes. Meist ist es die Rückrufadresse: PUBLIC_URL muss https sein, mit gültigem Zertifikat und einem Hostnamen.',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  notFound: () => ({
    text: 'Prüfen Sie, ob ACS_ENDPOINT oder ACS_CONNECTION_STRING die richtige Ressource nennt und AZURE_CLOUD zum Mandanten passt.',
    commands: [],
    docs: `${SETUP}#credentials`,
  }),
  unsupported: () => ({
    text: 'Im Log steht die Meldung des Dienstes: was nicht unterstützt wird oder welche Einstellung fehlt.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  conflict: () => ({
    text: 'Zwei Anfragen zum selben Anruf trafen zusammen. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  throttled: () => ({
    text: 'Senken Sie limits.createCallsPerSecond in ringdown.yaml, oder bitten Sie den Azure-Support um eine höhere Grenze.',
    commands: [],
    docs: `${SETUP}#limits`,
  }),
  maxDuration: () => ({
    text: 'Der Dienst beendet Anrufe nach seiner eigenen Höchstdauer. Einzustellen ist nichts.',
    commands: [],
    docs: `${SETUP}#limits`,
  }),
  setupFailed: () => ({
    text: 'Die Tonverbindung kam nicht zustande; meist liegt es am Netz der angerufenen Person: Firewall, VPN oder Ports, die Teams braucht.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  serviceFault: () => ({
    text: 'Eine Störung des Dienstes. Sehen Sie auf der Azure-Statusseite nach; hält sie an, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  outcomeUnknown: () => ({
    text: 'Der Dienst hat 30 Sekunden lang nicht geantwortet. Prüfen Sie den Weg von diesem Rechner zu ACS_ENDPOINT. Der Anruf wurde nicht wiederholt, damit die Person nicht zweimal angerufen wird.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  noConfirmation: () => ({
    text: 'Das Ereignis einer Annahme kann verloren gegangen sein. Prüfen Sie, ob Rückrufe ankommen: PUBLIC_URL muss vom Dienst erreichbar sein und ACS_RESOURCE_ID stimmen (sonst steht 401 im Log).',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  causeNotTold: () => ({
    text: 'Das letzte Ereignis des Dienstes hatte kein Ergebnis. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  lostContact: () => ({
    text: 'Kein Ereignis sagte, wie der Anruf endete. Prüfen Sie, ob Rückrufe ankommen: PUBLIC_URL muss vom Dienst erreichbar sein und ACS_RESOURCE_ID stimmen (sonst steht 401 im Log).',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  unknownFailure: () => ({
    text: 'Code und Untercode stehen im Log und im Verlauf des Anrufs. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
};
