import { FluentProvider, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { Me, SignIn } from '../model.ts';
import type { ConsoleTexts } from '../page.ts';
import { Api, ApiContext } from './api.ts';
import { ErrorBoundary } from './errorBoundary.tsx';
import { findHost, type Host } from './host.ts';
import { ErrorState } from './parts/states.tsx';
import { Notices } from './parts/notify.tsx';
import { Shell, type Leave } from './shell.tsx';
import { choosePerson, loadSignIn, signIn } from './signIn.ts';
import { SignInPage } from './signInPage.tsx';
import { wordsOf, WordsContext } from './texts.ts';
import { useLook } from './theme.ts';

const useStyles = makeStyles({
  root: {
    minHeight: '100vh',
    backgroundColor: tokens.colorNeutralBackground3,
    color: tokens.colorNeutralForeground1,
  },
  waiting: { padding: '20vh 16px' },
});

type Step =
  | { name: 'starting' }
  | { name: 'out'; how: SignIn; start: (() => Promise<void>) | null }
  | { name: 'in'; api: Api; me: Me; leave: Leave | null }
  | { name: 'failed'; fault: unknown };

/** The whole program: finds out where it runs and who reads, then shows the pages. */
export function App({ model }: { model: ConsoleTexts }) {
  const [host, setHost] = useState<Host | null>(null);
  useEffect(() => {
    void findHost().then(setHost);
  }, []);
  return host && <HostedApp model={model} host={host} />;
}

function HostedApp({ model, host }: { model: ConsoleTexts; host: Host }) {
  const styles = useStyles();
  const look = useLook(host);
  const [words, setWords] = useState(() => wordsOf(model));
  const [step, setStep] = useState<Step>({ name: 'starting' });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    document.documentElement.lang = words.locale;
  }, [words]);
  useEffect(() => {
    let isOver = false;
    const go = (next: Step): void => {
      if (!isOver) setStep(next);
    };
    const enter = async (): Promise<void> => {
      const how = await loadSignIn();
      const signedIn = await signIn(how, host);
      if (signedIn.state === 'out') return go({ name: 'out', how, start: signedIn.start });
      const out = (): void => {
        if (how.mode === 'choose') choosePerson(null);
        go({ name: 'out', how, start: null });
      };
      const api = new Api(signedIn.account, model.locale, out);
      const me = await api.get<Me>('/me');
      const own = await textsOf(me.language, model);
      if (own && !isOver) setWords(wordsOf(own));
      const { signOut } = signedIn;
      const change: Leave = { kind: 'change', do: async () => await Promise.resolve(out()) };
      const leave: Leave | null =
        how.mode === 'choose' ? change : signOut && { kind: 'signOut', do: signOut };
      go({ name: 'in', api, me, leave });
    };
    enter().catch((fault: unknown) => go({ name: 'failed', fault }));
    return () => {
      isOver = true;
    };
  }, [host, model, turn]);
  const again = (): void => {
    setStep({ name: 'starting' });
    setTurn(turn + 1);
  };
  return (
    <WordsContext value={words}>
      <FluentProvider theme={look.theme}>
        {/* Portals get the provider's class names, so the page's own stand on an element inside. */}
        <div className={styles.root} data-look={look.look}>
          <ErrorBoundary words={words}>
            {step.name === 'starting' && (
              <div className={styles.waiting}>
                <Spinner label={words.shell.loading} delay={300} />
              </div>
            )}
            {step.name === 'failed' && <ErrorState fault={step.fault} retry={again} />}
            {step.name === 'out' && <SignInPage how={step.how} start={step.start} done={again} />}
            {step.name === 'in' && (
              <ApiContext value={step.api}>
                <Shell me={step.me} host={host} look={look} leave={step.leave} />
              </ApiContext>
            )}
          </ErrorBoundary>
        </div>
        <Notices />
      </FluentProvider>
    </WordsContext>
  );
}

/** The texts of the language that the person chose in chat; null if the page has them already. */
async function textsOf(language: string | null, { locale }: ConsoleTexts): Promise<ConsoleTexts | null> {
  if (language === null || locale === language || locale.split('-')[0] === language) return null;
  const response = await fetch(`/console/texts/${encodeURIComponent(language)}`);
  return response.ok ? ((await response.json()) as ConsoleTexts) : null;
}
