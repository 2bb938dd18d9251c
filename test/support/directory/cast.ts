/** The people of the table of queries, among the crowd. Unless stated, the crowd does not have their names. */
import { resourceAccountDepartment } from '../../../src/directory/callable.ts';
import { idOf, made } from './people.ts';
import type { MadePerson } from './people.ts';

let number = 0;
const one = (displayName: string, more: Partial<MadePerson> = {}): MadePerson =>
  made({ id: idOf((number += 1)), displayName, ...more });
const upn = (name: string): Pick<MadePerson, 'userPrincipalName' | 'mail'> => ({
  userPrincipalName: `${name}@contoso.example`,
  mail: `${name}@contoso.example`,
});

const grace = one('Grace Hopper', { department: 'IT', ...upn('grace') });

export const cast = {
  adele: one('Adele Vance', {
    ...upn('adelev'),
    mail: 'adele.vance@contoso.example',
    otherAddresses: ['a.vance@old.example'],
  }),
  adeleine: one('Adeleine Beaufort', upn('adeleine.beaufort')),
  sian: one("Siân O'Connor-Łukaszewicz", upn('sian.oconnor')),
  zolty: one('Żaneta Żółkiewska', upn('zaneta.zolkiewska')),
  bjork: one('Björk Guðmundsdóttir', upn('bjork.gudmundsdottir')),
  strauss: one('Ottokar Straußenfeld', upn('ottokar.straussenfeld')),
  aerö: one('Søren Kierkegaard', upn('soren.kierkegaard')),
  muller: one('Bernadette Müllerová', upn('bernadette.mullerova')),
  gunter: one('Günther Grünewald', upn('guenther.gruenewald')),
  dangelo: one("Beatrice D'Ambrosio", upn('beatrice.dambrosio')),
  annemarie: one('Rose-Marie Duchâtelet', upn('rosemarie.duchatelet')),
  vandyke: one('Pieter van den Hoogenband', upn('pieter.vandenhoogenband')),
  macintyre: one('Hamish McIntyre', upn('hamish.mcintyre')),
  tanaka: one('渡辺 健一', {
    givenName: '健一',
    surname: '渡辺',
    ...upn('kenichi.watanabe'),
  }),
  joinedHan: one('欧阳娜娜', { givenName: '娜娜', surname: '欧阳', ...upn('nana.ouyang') }),
  olga: one('Ольга Семёнова', { givenName: 'Ольга', surname: 'Семёнова', ...upn('olga.semenova') }),
  hangul: one('최 지우', { givenName: '지우', surname: '최', ...upn('jiwoo.choi') }),
  greek: one('Ελένη Παπαδοπούλου', {
    givenName: 'Ελένη',
    surname: 'Παπαδοπούλου',
    ...upn('eleni.papadopoulou'),
  }),
  hebrew: one('נועה לוי', { givenName: 'נועה', surname: 'לוי', ...upn('noa.levi') }),
  arabic: one('محمد الفاسي', { givenName: 'محمد', surname: 'الفاسي', ...upn('mohamed.alfassi') }),
  bob: one('Bob Featherstonehaugh', {
    givenName: 'Robert',
    surname: 'Featherstonehaugh',
    ...upn('robert.featherstonehaugh'),
  }),
  comma: one('Quillfeather, Ignatius (Legal)', {
    givenName: 'Ignatius',
    surname: 'Quillfeather',
    ...upn('ignatius.quillfeather'),
  }),
  middle: one('Thaddeus Q. Wigglesworth', {
    givenName: 'Thaddeus',
    surname: 'Wigglesworth',
    ...upn('thaddeus.wigglesworth'),
  }),
  grace,
  // Two with the same name in different departments.
  chrisIT: one('Christabel Greenfield', { department: 'IT', managerId: grace.id, ...upn('christabel.g1') }),
  chrisFinance: one('Christabel Greenfield', { department: 'Finance', ...upn('christabel.g2') }),
  // Two with the same name, one of whom has left.
  henryGone: one('Henrik Ibsenius', { accountEnabled: false, ...upn('henrik.old') }),
  henry: one('Henrik Ibsenius', upn('henrik.ibsenius')),
  gone: one('Winifred Departed', { accountEnabled: false, ...upn('winifred.departed') }),
  guest: one('Patti Fabrikamer', {
    userType: 'Guest',
    assignedPlans: [],
    userPrincipalName: 'patti_fabrikam.example#EXT#@contoso.example',
    mail: 'patti@fabrikam.example',
  }),
  longer: one('Leopold Bloomfield-Harte', upn('leopold.bloomfieldharte')),
  shorter: one('Leopold Bloomfield', upn('leopold.bloomfield')),
  accented: one('Zdena Horáčková', upn('zdena.horackova1')),
  unaccented: one('Zdena Horackova', upn('zdena.horackova2')),
  reversedA: one('Wangari Limuru', { givenName: 'Wangari', surname: 'Limuru', ...upn('wangari.limuru') }),
  reversedB: one('Limuru Wangari', { givenName: 'Limuru', surname: 'Wangari', ...upn('limuru.wangari') }),
  helpDesk: one('Help Desk Europe', {
    department: resourceAccountDepartment,
    givenName: null,
    surname: null,
    assignedPlans: [],
    ...upn('helpdesk-eu'),
    mail: null,
  }),
  // Namesakes of many in the crowd.
  smithIT: one('John Smith', { department: 'IT', managerId: grace.id, ...upn('john.smith.it') }),
  annOnly: one('Ann Zimmerling', { department: 'IT', ...upn('ann.zimmerling') }),
  quote: one('Jean "Johnny" Quotable', { givenName: 'Jean', surname: 'Quotable', ...upn('jean.quotable') }),
  ampersand: one('Ludo & Partners Reception', { givenName: null, surname: null, ...upn('ludo.partners') }),
} satisfies Record<string, MadePerson>;

export type CastName = keyof typeof cast;
