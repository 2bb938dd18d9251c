import { PageHeader } from '../parts/pageHeader.tsx';
import { useWords } from '../texts.ts';

export default function NowPage() {
  const { shell } = useWords();
  return <PageHeader title={shell.pages.now} />;
}
