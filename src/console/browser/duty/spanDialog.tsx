import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { ActAnswer, DutyRow, DutySpan } from '../../model.ts';
import { useApi } from '../api.ts';
import { useNotify } from '../parts/notify.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { faultWords } from '../parts/states.tsx';
import { useWords } from '../texts.ts';
import { aboutRow, whoIn, type Times } from './words.ts';

/** A span that somebody opened. */
export interface Chosen {
  row: DutyRow;
  span: DutySpan;
}

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  hint: { color: tokens.colorNeutralForeground2 },
});

/** One span of the calendar, and what the reader may do about it. */
export function SpanDialog({
  chosen: { row, span },
  times,
  onTake,
  close,
}: {
  chosen: Chosen;
  times: Times;
  /** Null if the reader may not take over this span. */
  onTake: (() => void) | null;
  close: () => void;
}) {
  const styles = useStyles();
  const words = useWords();
  const { duty, shell } = words;
  const api = useApi();
  const notify = useNotify();
  const [isSent, setSent] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { cover } = span;
  const about = aboutRow(row, words);
  const [from, to] = [cover?.from ?? span.from, cover?.until ?? span.to];

  const end = async (id: string): Promise<void> => {
    setSent(true);
    setRefusal(null);
    try {
      const { say } = await api.post<ActAnswer>(`/duty/covers/${encodeURIComponent(id)}/end`);
      notify(say, 'success');
      close();
    } catch (problem) {
      setRefusal(faultWords(problem, words));
      setSent(false);
    }
  };
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{whoIn(span, words)}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{about === '' ? row.policy : `${row.policy} · ${about}`}</Text>
            <Text>
              <time dateTime={from}>{times.moment(Date.parse(from))}</time>
              {' – '}
              <time dateTime={to}>{times.moment(Date.parse(to))}</time>
            </Text>
            <Text size={200} className={styles.hint}>
              {duty.zone.all({ zone: times.zone })}
            </Text>
            {span.notes.map((note) => (
              <Text key={note}>{note}</Text>
            ))}
            <Refusal words={refusal} />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={close}>{shell.actions.close}</Button>
            {cover?.mayEnd && (
              <Button disabledFocusable={isSent} onClick={() => void end(cover.id)}>
                {duty.end}
              </Button>
            )}
            {onTake && (
              <Button appearance="primary" onClick={onTake}>
                {duty.takeOver}
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
