import { PageHeader } from '../parts/pageHeader.tsx';
import { useWords } from '../texts.ts';

export default function HistoryPage() {
  const { shell } = useWords();
  return <PageHeader title={shell.pages.history} />;
}
