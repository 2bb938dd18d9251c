import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from '@fluentui/react-components';
import { CallFilled, PauseCircleFilled } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Health } from '../../model.ts';
import { useApi } from '../api.ts';
import { useWords } from '../texts.ts';
import { useNotify } from './notify.tsx';
import { Panel, Section } from './section.tsx';
import { faultWords } from './states.tsx';
import { clockTime } from '../times.ts';
import { useNow } from '../clock.ts';

const useStyles = makeStyles({
  root: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  words: { flexGrow: 1, flexBasis: '12rem', minWidth: 0 },
  details: { display: 'block', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  icon: { fontSize: '28px', lineHeight: 0 },
  runs: { color: tokens.colorStatusSuccessForeground1 },
  paused: { color: tokens.colorStatusDangerForeground1 },
});

/** Whether calls are placed, and the button that pauses and resumes them after a question. */
export function CallsPause({ paused, operates }: { paused: Health['paused']; operates: boolean }) {
  const styles = useStyles();
  const { health, locale } = useWords();
  const now = useNow(60_000);
  const since = paused?.since ?? null;
  return (
    <Section title={health.calls}>
      <Panel>
        <div className={styles.root}>
          {paused ? (
            <PauseCircleFilled className={mergeClasses(styles.icon, styles.paused)} aria-hidden />
          ) : (
            <CallFilled className={mergeClasses(styles.icon, styles.runs)} aria-hidden />
          )}
          <div className={styles.words} role="status">
            <Text weight="semibold">{paused ? health.callsPaused : health.callsRun}</Text>
            {paused?.by && since !== null && (
              <span className={styles.details}>
                {health.pausedBy({ name: paused.by, time: clockTime(Date.parse(since), now, locale) })}
              </span>
            )}
          </div>
          {operates && <Switch isPaused={paused !== null} />}
        </div>
      </Panel>
    </Section>
  );
}

function Switch({ isPaused }: { isPaused: boolean }) {
  const words = useWords();
  const { health, shell } = words;
  const api = useApi();
  const notify = useNotify();
  const [asked, setAsked] = useState<'pause' | 'resume' | null>(null);
  const [isOpen, setOpen] = useState(false);
  const act = asked ?? (isPaused ? 'resume' : 'pause');
  const texts = {
    pause: { question: health.pauseQuestion, text: health.pauseConsequences, button: health.pause },
    resume: { question: health.resumeQuestion, text: health.resumeConsequences, button: health.resume },
  }[act];
  const go = async (): Promise<void> => {
    setOpen(false);
    try {
      await api.post(`/${act}`);
    } catch (fault) {
      notify(faultWords(fault, words), 'error');
    }
  };
  return (
    <Dialog
      modalType="alert"
      open={isOpen}
      onOpenChange={(_event, { open }) => {
        // The question stays the same if somebody else pauses meanwhile.
        setAsked(open ? (isPaused ? 'resume' : 'pause') : null);
        setOpen(open);
      }}
    >
      <DialogTrigger disableButtonEnhancement>
        <Button appearance={isPaused ? 'primary' : 'secondary'}>
          {isPaused ? health.resume : health.pause}
        </Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.question}</DialogTitle>
          <DialogContent>{texts.text}</DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button>{shell.actions.cancel}</Button>
            </DialogTrigger>
            <Button appearance="primary" onClick={() => void go()}>
              {texts.button}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
