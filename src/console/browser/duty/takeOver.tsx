import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState, type SubmitEvent } from 'react';
import type { ActAnswer } from '../../model.ts';
import { useApi } from '../api.ts';
import { useNotify } from '../parts/notify.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { faultWords } from '../parts/states.tsx';
import { useWords } from '../texts.ts';
import { instantOf, localOf, type Range } from './calendar.ts';
import type { Times } from './words.ts';

/** What somebody is about to take over. */
export interface Wish extends Range {
  policy: string;
}

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  hint: { color: tokens.colorNeutralForeground2 },
  times: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 13rem), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
});

/** Asks from when to when the reader takes over, and takes over. */
export function TakeOver({
  wish,
  policies,
  times,
  close,
}: {
  wish: Wish;
  /** Those that can be covered. */
  policies: readonly string[];
  times: Times;
  close: () => void;
}) {
  const styles = useStyles();
  const words = useWords();
  const { duty, shell } = words;
  const { form } = duty;
  const api = useApi();
  const notify = useNotify();
  const [policy, setPolicy] = useState(wish.policy);
  const [from, setFrom] = useState(inputOf(wish.from, times.zone));
  const [until, setUntil] = useState(inputOf(wish.to, times.zone));
  const [isSent, setSent] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [begin, end] = [timeOf(from, times.zone), timeOf(until, times.zone)];
  const fault = faultOf(begin, end);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (fault !== null || isSent) return;
    setSent(true);
    setRefusal(null);
    try {
      const body = { policy, from: new Date(begin).toISOString(), until: new Date(end).toISOString() };
      const { say, done } = await api.post<ActAnswer>('/duty/covers', body);
      if (!done) return setRefusal(say);
      notify(say, 'success');
      close();
    } catch (problem) {
      setRefusal(faultWords(problem, words));
    } finally {
      setSent(false);
    }
  };
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && close()}>
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)}>
          <DialogBody>
            <DialogTitle>{form.title}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text className={styles.hint}>{form.text}</Text>
              <Field label={form.policy}>
                <Select value={policy} onChange={(_, { value }) => setPolicy(value)}>
                  {policies.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              </Field>
              <div className={styles.times}>
                <Field
                  label={form.from}
                  required
                  {...(Number.isNaN(begin) && { validationMessage: form.needed })}
                >
                  <Input type="datetime-local" value={from} onChange={(_, { value }) => setFrom(value)} />
                </Field>
                <Field
                  label={form.until}
                  required
                  {...(fault !== null && fault !== 'from' && { validationMessage: form[fault] })}
                >
                  <Input type="datetime-local" value={until} onChange={(_, { value }) => setUntil(value)} />
                </Field>
              </div>
              <Text size={200} className={styles.hint}>
                {duty.zone.all({ zone: times.zone })}
              </Text>
              <Refusal words={refusal} />
            </DialogContent>
            <DialogActions>
              <Button onClick={close}>{shell.actions.cancel}</Button>
              <Button type="submit" appearance="primary" disabledFocusable={fault !== null || isSent}>
                {duty.takeOver}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

function faultOf(begin: number, end: number): 'from' | 'needed' | 'order' | 'past' | null {
  if (Number.isNaN(end)) return 'needed';
  if (Number.isNaN(begin)) return 'from';
  if (end <= begin) return 'order';
  return end <= Date.now() ? 'past' : null;
}

/** As an input of date and time has it: "2026-03-02T09:00". */
function inputOf(at: number, zone: string): string {
  const { date, time } = localOf(at, zone);
  return `${date}T${time}`;
}

function timeOf(input: string, zone: string): number {
  const [date = '', time = ''] = input.split('T');
  return instantOf(date, time, zone);
}
