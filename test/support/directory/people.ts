/**
 * A fictional directory: people from many countries, with far more people than names, so that namesakes are the norm.
 * The same seed produces the same people.
 */
import { resourceAccountDepartment, servicePlans } from '../../../src/directory/callable.ts';
import type { Person } from '../../../src/directory/directory.ts';

/** Deterministic random numbers from 0 to 1 (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type MadePerson = Person & { managerId: string | null };

const departments = [
  'Sales', 'Finance', 'Human Resources', 'Operations', 'Research & Development', 'Legal', 'Marketing', 'IT',
  "Customers' Service", 'Facilities', 'Procurement', 'Quality',
]; // prettier-ignore

const givenNames = [
  'James', 'Mary', 'John', 'Patricia', 'Robert', 'Jennifer', 'Michael', 'Linda', 'David', 'Elizabeth', 'William',
  'Barbara', 'Richard', 'Susan', 'Joseph', 'Jessica', 'Thomas', 'Sarah', 'Daniel', 'Karen', 'Matthew', 'Nancy',
  'Anna', 'Ann', 'Anne', 'Mark', 'Lisa', 'Paul', 'Sandra', 'Steven', 'Andrew', 'Emily', 'Kevin', 'Carol', 'Brian',
  'José', 'María', 'Luis', 'Andrés', 'Lucía', 'François', 'Élodie', 'Jean', 'Chloé', 'Jürgen', 'Björn', 'Sören',
  'Käthe', 'Łukasz', 'Małgorzata', 'Zoë', 'Renée', 'Jörg', 'Anne-Marie', 'Jean-Pierre', 'Ngọc', 'Åsa', 'Øyvind',
  'Siobhán', 'Niamh', 'Иван', 'Мария', 'Дмитрий', '伟', '芳', '太郎', '花子', '민준', '서연', 'Ahmed', 'Fatima',
  'Mehmet', 'Ayşe', 'Priya', 'Rahul', 'Scott', 'Kelly', 'Lee', 'Jordan', 'Taylor',
]; // prettier-ignore

const surnames = [
  'Smith', 'Johnson', 'Williams', 'Brown', 'Jones', 'Miller', 'Davis', 'Garcia', 'García', 'Rodríguez', 'Martinez',
  'Anderson', 'Thomas', 'Jackson', 'White', 'Harris', 'Martin', 'Thompson', 'Scott', 'Lee', 'Lewis', 'Walker', 'Hall',
  'Young', 'King', 'Wright', 'Hill', 'Green', 'Adams', 'Baker', 'Nelson', 'Carter', 'Mitchell', 'Roberts', 'Turner',
  'Müller', 'Mueller', 'Schmidt', 'Schröder', 'Weiß', 'Jäger', 'Nowak', 'Kowalski', 'Wójcik', 'Dvořák', 'Novák',
  "O'Brien", "O'Neill", "D'Angelo", 'McDonald', 'MacLeod', 'van der Berg', 'de la Cruz', 'Smith-Jones', 'Lefèvre',
  'Nguyễn', 'Trần', 'Иванов', 'Петров', '王', '李', '田中', '鈴木', '김', '박', 'Yılmaz', 'Demir', 'Khan', 'Patel',
  'Singh', 'Sørensen', 'Ångström', 'Smithers', 'Smithson', 'Johnsson', 'Martins', 'Kelly', 'Jordan', 'Taylor',
]; // prettier-ignore

const isEastern = (name: string): boolean => /[\p{Script=Han}\p{Script=Hangul}]/u.test(name);

/** A compact id, so that tables are readable. */
export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

const enabledPlans = Object.values(servicePlans).map((servicePlanId) => ({
  servicePlanId,
  capabilityStatus: 'Enabled',
}));

/** A person with everything needed to be called. */
export function made(more: Partial<MadePerson> & { displayName: string; id: string }): MadePerson {
  const [given = '', ...rest] = more.displayName.split(' ');
  const surname = rest.join(' ');
  return {
    givenName: given || null,
    surname: surname || null,
    userPrincipalName: `${account(`${given}.${surname}`) || 'user'}@contoso.example`,
    mail: null,
    otherAddresses: [],
    jobTitle: 'Specialist',
    department: 'Sales',
    accountEnabled: true,
    userType: 'Member',
    assignedPlans: enabledPlans,
    kind: more.department === resourceAccountDepartment ? 'resourceAccount' : 'user',
    managerId: null,
    ...more,
  };
}

/** How administrators write a name: ASCII, with dots. */
function account(name: string): string {
  return name
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replaceAll('ø', 'o')
    .replaceAll('Ø', 'O')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '')
    .replace(/^\.+|\.+$/g, '');
}

export function crowd(count: number, seed: number, from = 100_000): MadePerson[] {
  const random = chance(seed);
  /** The first entries of a list are much more frequent. */
  const pick = <T>(items: readonly [T, ...T[]] | readonly T[], fallback: T): T =>
    items[Math.floor(random() ** 1.6 * items.length)] ?? fallback;
  const eastern = { given: givenNames.filter(isEastern), surnames: surnames.filter(isEastern) };
  const western = {
    given: givenNames.filter((name) => !isEastern(name)),
    surnames: surnames.filter((name) => !isEastern(name)),
  };
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const pool = random() < 0.05 ? eastern : western;
    const givenName = pick(pool.given, 'John');
    const surname = pick(pool.surnames, 'Smith');
    const inEast = pool === eastern;
    const style = random();
    const displayName = inEast
      ? `${surname}${style < 0.5 ? ' ' : ''}${givenName}`
      : style < 0.1
        ? `${surname}, ${givenName}`
        : style < 0.15
          ? `${givenName} ${surname} (Contractor)`
          : `${givenName} ${surname}`;
    const name = account(`${givenName}.${surname}`) || 'user';
    const department = pick(departments, 'Sales');
    return made({
      id: idOf(number),
      displayName,
      givenName,
      surname,
      userPrincipalName: `${name}${number}@contoso.example`,
      mail: `${name}${number}@contoso.example`,
      department,
      accountEnabled: random() > 0.02,
      managerId: index < 20 ? null : idOf(from + Math.floor(index / 20)),
    });
  });
}
