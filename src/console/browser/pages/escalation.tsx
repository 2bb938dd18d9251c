import { PageHeader } from '../parts/pageHeader.tsx';
import { useWords } from '../texts.ts';

export default function EscalationPage() {
  const { shell } = useWords();
  return <PageHeader title={shell.pages.now} />;
}
