import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { useRef, useState } from 'react';
import type { ActAnswer, EscalationAct, EscalationRow } from '../../model.ts';
import { useApi } from '../api.ts';
import { useWords } from '../texts.ts';
import { useNotify } from './notify.tsx';
import { faultWords } from './states.tsx';

/** In the order of the card. */
const ORDER: readonly EscalationAct[] = ['acknowledge', 'cantTake', 'callNext', 'resolve', 'stop'];

/**
 * What the reader may do with an escalation. While one act is under way the buttons are disabled; the answer appears as a
 * notice, and the new state comes with the stream.
 */
export function EscalationActs({
  escalation: { id, summary, revision, may },
}: {
  escalation: Pick<EscalationRow, 'id' | 'summary' | 'revision' | 'may'>;
}) {
  const words = useWords();
  const api = useApi();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<'resolve' | 'stop' | null>(null);
  const restoreFocus = useRestoreFocusTarget();
  const group = useRef<HTMLDivElement>(null);
  const act = async (what: EscalationAct): Promise<void> => {
    setAsked(null);
    setBusy(true);
    try {
      const { say, done } = await api.post<ActAnswer>(`/escalations/${encodeURIComponent(id)}/act`, {
        act: what,
        revision,
      });
      notify(say, done ? 'success' : 'info');
    } catch (fault) {
      notify(faultWords(fault, words), 'error');
    } finally {
      setBusy(false);
      // The pressed button may be gone. Focus must not fall back to the top of the page.
      setTimeout(() => {
        if (document.activeElement === document.body) group.current?.focus();
      }, 500);
    }
  };
  const acts = ORDER.filter((one) => may.includes(one));
  return (
    <div ref={group} role="group" aria-label={summary} tabIndex={-1} style={{ display: 'contents' }}>
      {acts.map((one, index) => (
        <Button
          key={one}
          {...restoreFocus}
          appearance={index === 0 && one === 'acknowledge' ? 'primary' : 'secondary'}
          disabledFocusable={busy}
          onClick={() => (one === 'resolve' || one === 'stop' ? setAsked(one) : void act(one))}
        >
          {words.card.button[one]}
        </Button>
      ))}
      <Dialog
        open={asked !== null}
        onOpenChange={(_event, { open }) => !open && setAsked(null)}
        modalType="alert"
      >
        <DialogSurface>
          {asked && (
            <DialogBody>
              <DialogTitle>{words.escalation.confirm[asked].title({ summary })}</DialogTitle>
              <DialogContent>{words.escalation.confirm[asked].text}</DialogContent>
              <DialogActions>
                <Button onClick={() => setAsked(null)}>{words.shell.actions.cancel}</Button>
                <Button appearance="primary" onClick={() => void act(asked)}>
                  {words.card.button[asked]}
                </Button>
              </DialogActions>
            </DialogBody>
          )}
        </DialogSurface>
      </Dialog>
    </div>
  );
}
