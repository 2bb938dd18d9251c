import { Toast, Toaster, ToastTitle, useToastController, type ToastIntent } from '@fluentui/react-components';

const TOASTER = 'toaster';

/** Where {@link useNotify} shows its sentences. Screen readers hear them too. */
export function Notices() {
  return <Toaster toasterId={TOASTER} position="bottom-end" />;
}

/** @returns shows a sentence for a few seconds, such as the answer of the server */
export function useNotify(): (text: string, intent: ToastIntent) => void {
  const { dispatchToast } = useToastController(TOASTER);
  return (text, intent) =>
    dispatchToast(
      <Toast>
        <ToastTitle>{text}</ToastTitle>
      </Toast>,
      { intent, politeness: intent === 'error' ? 'assertive' : 'polite' },
    );
}
