import { resourceAccountDepartment } from './person.ts';
import type { PersonInput } from './person.ts';
import type { Script } from './script.ts';

const megan = '48d31887-5fad-4d73-a9f5-3c356e68a038';

/**
 * The emulator's initial people. The names come from Microsoft's sample tenant; scripted people say so in their
 * title.
 */
export const builtInPeople: PersonInput[] = [
  {
    id: '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
    displayName: 'Adele Vance',
    givenName: 'Adele',
    surname: 'Vance',
    userPrincipalName: 'adele@contoso.example',
    jobTitle: 'Retail Manager',
    department: 'Retail',
    mobilePhone: '+49 30 23125001',
    managerId: megan,
    hasPhoto: true,
  },
  {
    id: '626cbf8c-5dde-46b0-8385-9e40d64736fe',
    displayName: 'Alex Wilber',
    givenName: 'Alex',
    surname: 'Wilber',
    userPrincipalName: 'alex@contoso.example',
    jobTitle: 'Site Reliability Engineer',
    department: 'Operations',
    managerId: megan,
    hasPhoto: true,
  },
  {
    id: megan,
    displayName: 'Megan Bowen',
    givenName: 'Megan',
    surname: 'Bowen',
    userPrincipalName: 'megan@contoso.example',
    jobTitle: 'Head of Operations',
    department: 'Operations',
  },
  {
    id: '0a6f3c1e-2f4b-4b71-9d0c-6d3c8f1f5a01',
    displayName: 'Chris Green',
    givenName: 'Chris',
    surname: 'Green',
    userPrincipalName: 'chris.green@contoso.example',
    jobTitle: 'Developer',
    department: 'Payments',
    managerId: megan,
  },
  {
    id: '0a6f3c1e-2f4b-4b71-9d0c-6d3c8f1f5a02',
    displayName: 'Chris Green',
    givenName: 'Chris',
    surname: 'Green',
    userPrincipalName: 'chris.green2@contoso.example',
    jobTitle: 'Accountant',
    department: 'Finance',
    managerId: megan,
  },
  {
    id: '3c7e5f0a-91d4-4c55-8f27-1a2b3c4d5e03',
    displayName: "Siân O'Connor-Łukasz",
    givenName: 'Siân',
    surname: "O'Connor-Łukasz",
    userPrincipalName: 'sian@contoso.example',
    mail: "sian.o'connor-lukasz@contoso.example",
    jobTitle: 'Designer',
    department: 'Marketing',
  },
  {
    id: '4d8f6a1b-02e5-4d66-9a38-2b3c4d5e6f04',
    displayName: 'Diego Siciliani',
    givenName: 'Diego',
    surname: 'Siciliani',
    userPrincipalName: 'diego@contoso.example',
    jobTitle: 'HR Manager',
    department: 'Human Resources',
    presence: { availability: 'Busy', activity: 'InAMeeting' },
  },
  {
    id: '5e9a7b2c-13f6-4e77-8b49-3c4d5e6f7a05',
    displayName: '田中 太郎',
    givenName: '太郎',
    surname: '田中',
    userPrincipalName: 'taro.tanaka@contoso.example',
    jobTitle: 'エンジニア',
    department: 'Operations',
    preferredLanguage: 'ja-JP',
  },
  scripted('d4957c9d-869e-4364-830c-d0c95be72738', 'Debra Berger', 'declines', {
    script: { declines: { afterMs: 3000 } },
  }),
  scripted('089a6bb8-e8cb-492c-aa41-c078aa0b5120', 'Nestor Wilke', 'does not answer', {
    script: { noAnswer: true },
  }),
  scripted('074e56ea-0b50-4461-89e5-c67ae14a2c0b', 'Lee Gu', 'is busy', {
    script: { busy: true },
    presence: { availability: 'Busy', activity: 'Busy' },
  }),
  scripted('ec63c778-24e1-4240-bea3-d12a167d5232', 'Isaiah Langer', 'is not reachable', {
    script: { unreachable: true },
    presence: { availability: 'Offline', activity: 'Offline' },
  }),
  scripted('4782e723-f4f4-4af3-a76e-25e3bab0d896', 'Grady Archie', 'may not be called', {
    script: { notAllowed: '403/10124' },
  }),
  scripted('c8913c86-ceea-4d39-b1ea-f63a5b675166', 'Joni Sherman', 'answers and presses 1', {
    script: { answers: { afterMs: 2000, listens: true, presses: [{ tone: 'one', afterMs: 1000 }] } },
  }),
  scripted('5d3b6f0e-7a1c-4d52-9e84-2c9f0b7d6e11', 'Miriam Graham', 'is presenting', {
    presence: { availability: 'DoNotDisturb', activity: 'Presenting' },
  }),
  scripted('08fa38e4-cbfa-4488-94ed-c834da6539df', 'Lynne Robbins', 'the app is not installed', {
    appInstalled: false,
  }),
  {
    id: '6fab8c3d-24a7-4f88-9c5a-4d5e6f7a8b06',
    displayName: 'Patti Fernandez',
    givenName: 'Patti',
    surname: 'Fernandez',
    userPrincipalName: 'patti_fabrikam.example#EXT#@contoso.example',
    mail: 'patti@fabrikam.example',
    userType: 'Guest',
    plans: [],
    jobTitle: 'Guest',
  },
  {
    id: '7abc9d4e-35b8-4a99-8d6b-5e6f7a8b9c07',
    displayName: 'Henrietta Mueller',
    givenName: 'Henrietta',
    surname: 'Mueller',
    userPrincipalName: 'henrietta@contoso.example',
    jobTitle: 'Has left (account disabled)',
    accountEnabled: false,
    presence: { availability: 'PresenceUnknown', activity: 'PresenceUnknown' },
  },
  {
    id: '8bcdae5f-46c9-4baa-9e7c-6f7a8b9cad08',
    displayName: 'Irvin Sayers',
    givenName: 'Irvin',
    surname: 'Sayers',
    userPrincipalName: 'irvin@contoso.example',
    jobTitle: 'Trainee (no Teams Phone licence)',
    mobilePhone: '030 23125008',
    plans: ['TEAMS1'],
  },
  {
    id: '9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09',
    displayName: 'Help Desk',
    userPrincipalName: 'helpdesk@contoso.example',
    mail: null,
    department: resourceAccountDepartment,
    script: { answers: { afterMs: 500 } },
  },
  // The telephone network. The numbers are among those that Germany's regulator keeps for films.
  telephone('+493023125001', 'Adele’s mobile, answers'),
  telephone('+493023125002', 'is busy', { busy: true }),
  telephone('+493023125003', 'declines', { declines: { afterMs: 3000 } }),
  telephone('+493023125004', 'does not answer', { noAnswer: true }),
  telephone('+493023125005', 'is switched off', { unreachable: true }),
  telephone('+493023125006', 'voicemail answers after 20 s, and a tone is in its greeting', {
    voicemail: { afterMs: 20_000, presses: [{ tone: 'one', afterMs: 1000 }] },
  }),
  telephone('+493023125007', 'the carrier fails', { notAllowed: '503/560503' }),
  telephone('+493023125008', 'answers, presses 1, confirms', { answers: { replies: ['1', '5'] } }),
];

function telephone(id: string, jobTitle: string, script?: Script): PersonInput {
  return {
    id,
    displayName: id.replace(/^\+49(30)/, '+49 $1 '),
    userPrincipalName: id,
    mail: null,
    plans: [],
    jobTitle,
    ...(script && { script }),
  };
}

function scripted(
  id: string,
  displayName: string,
  jobTitle: string,
  more: Partial<PersonInput>,
): PersonInput {
  const [givenName = '', surname = ''] = displayName.split(' ');
  const userPrincipalName = `${givenName.toLowerCase()}@contoso.example`;
  return {
    id,
    displayName,
    givenName,
    surname,
    userPrincipalName,
    jobTitle,
    department: 'Trying out',
    ...more,
  };
}
