import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components';
import { LinkAddRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import type { ActAnswer, CalendarLinkRow, CalendarLinkRows, NewCalendar } from '../../model.ts';
import { useApi } from '../api.ts';
import { useNow } from '../clock.ts';
import { useNotify } from '../parts/notify.tsx';
import { Snippet } from '../parts/snippet.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { faultWords } from '../parts/states.tsx';
import { useWords } from '../texts.ts';
import { relativeTime } from '../times.ts';

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  address: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  rows: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    margin: 0,
    padding: 0,
    listStyleType: 'none',
  },
  row: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
  },
  hint: { color: tokens.colorNeutralForeground2 },
});

/** The reader's links to calendars: makes one and shows its addresses once, and ends the ones that they have. */
export function Subscribe({ close }: { close: () => void }) {
  const styles = useStyles();
  const words = useWords();
  const { shell, duty, locale } = words;
  const say = duty.calendars;
  const api = useApi();
  const notify = useNotify();
  const now = useNow(60_000);
  const [links, setLinks] = useState<readonly CalendarLinkRow[] | null>(null);
  const [made, setMade] = useState<NewCalendar | null>(null);
  const [isSent, setSent] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  // Counts what was changed: the list is loaded again.
  const [changes, setChanges] = useState(0);

  useEffect(() => {
    const over = new AbortController();
    api
      .get<CalendarLinkRows>('/calendar-links', over.signal)
      .then(({ links: found }) => setLinks(found))
      .catch((problem: unknown) => {
        if (!over.signal.aborted) setRefusal(faultWords(problem, words));
      });
    return () => over.abort();
    // The words change only with the language, for which nothing is loaded again.
  }, [api, changes]);

  const act = async (work: () => Promise<void>): Promise<void> => {
    setSent(true);
    setRefusal(null);
    try {
      await work();
      setChanges((count) => count + 1);
    } catch (problem) {
      setRefusal(faultWords(problem, words));
    }
    setSent(false);
  };
  const make = async (): Promise<void> =>
    await act(async () => {
      const link = await api.post<NewCalendar>('/calendar-links');
      setMade(link);
      if (link.say !== null) notify(link.say, 'success');
    });
  const revoke = async (id: string): Promise<void> =>
    await act(async () => {
      const { say: done } = await api.post<ActAnswer>(`/calendar-links/${encodeURIComponent(id)}/revoke`);
      // It may be the one whose addresses are shown.
      setMade(null);
      notify(done, 'success');
    });
  const ago = (at: string): string => relativeTime(Date.parse(at), now, locale);
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{say.title}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{say.text}</Text>
            {made && (
              <>
                <MessageBar intent="warning">
                  <MessageBarBody>{say.once}</MessageBarBody>
                </MessageBar>
                <Address name={say.mine} url={made.person} />
                {made.rotations.map(({ name, url }) => (
                  <Address key={name} name={say.rotation({ name })} url={url} />
                ))}
              </>
            )}
            {links !== null && (
              <>
                <h3 className={styles.heading}>{say.links}</h3>
                {links.length === 0 && <Text className={styles.hint}>{say.none}</Text>}
                <ul className={styles.rows}>
                  {links.map(({ id, createdAt, fetchedAt }) => (
                    <li key={id} className={styles.row}>
                      <Text>
                        {say.made({ when: ago(createdAt) })}
                        {' · '}
                        <span className={styles.hint}>
                          {say.fetched({ when: fetchedAt && ago(fetchedAt) })}
                        </span>
                      </Text>
                      <Button
                        size="small"
                        aria-label={say.revokeLabel({ when: ago(createdAt) })}
                        disabledFocusable={isSent}
                        onClick={() => void revoke(id)}
                      >
                        {say.revoke}
                      </Button>
                    </li>
                  ))}
                </ul>
              </>
            )}
            <Refusal words={refusal} />
          </DialogContent>
          <DialogActions>
            <Button onClick={close}>{shell.actions.close}</Button>
            <Button
              appearance="primary"
              icon={<LinkAddRegular />}
              disabledFocusable={isSent}
              onClick={() => void make()}
            >
              {say.make}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Address({ name, url }: { name: string; url: string }) {
  const styles = useStyles();
  return (
    <div className={styles.address} role="group" aria-label={name}>
      <Text weight="semibold">{name}</Text>
      <Snippet text={url} />
    </div>
  );
}
