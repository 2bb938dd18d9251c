import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { SignIn } from '../model.ts';
import { PageHeader } from './parts/pageHeader.tsx';
import { Person } from './parts/person.tsx';
import { choosePerson } from './signIn.ts';
import { useWords } from './texts.ts';

const useStyles = makeStyles({
  root: { display: 'flex', justifyContent: 'center', padding: '10vh 16px' },
  card: {
    boxSizing: 'border-box',
    width: '100%',
    maxWidth: '28rem',
    padding: tokens.spacingHorizontalXXL,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow8,
  },
  people: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXS },
  person: { width: '100%', justifyContent: 'flex-start', fontWeight: tokens.fontWeightRegular },
  fault: { display: 'block', color: tokens.colorStatusDangerForeground1, marginTop: tokens.spacingVerticalM },
});

/**
 * Where people sign in, or choose who they are.
 *
 * @param start leads to the login page; null: the session has ended, so the page loads again
 * @param done a person was chosen, or has agreed
 */
export function SignInPage({
  how,
  start,
  done,
}: {
  how: SignIn;
  start: (() => Promise<void>) | null;
  done: () => void;
}) {
  const styles = useStyles();
  const { signIn } = useWords().shell;
  const [failed, setFailed] = useState(false);
  const begin = async (): Promise<void> => {
    setFailed(false);
    try {
      await start?.();
      done();
    } catch {
      setFailed(true);
    }
  };
  return (
    <main className={styles.root}>
      <div className={styles.card}>
        {how.mode === 'choose' ? (
          <>
            <PageHeader title={signIn.choose.title} about={signIn.choose.text} />
            <ul className={styles.people}>
              {how.people.map(({ id, name }) => (
                <li key={id}>
                  <Button
                    appearance="subtle"
                    size="large"
                    className={styles.person}
                    onClick={() => {
                      choosePerson(id);
                      done();
                    }}
                  >
                    <Person name={name} size={32} />
                  </Button>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <>
            <PageHeader title={signIn.title} about={signIn.text} />
            <Button appearance="primary" size="large" onClick={() => void begin()}>
              {signIn.start}
            </Button>
            {failed && (
              <Text role="alert" className={styles.fault}>
                {signIn.failed}
              </Text>
            )}
          </>
        )}
      </div>
    </main>
  );
}
