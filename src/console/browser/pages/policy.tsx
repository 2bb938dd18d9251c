import { PageHeader } from '../parts/pageHeader.tsx';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';

export default function PolicyPage({ id }: PageProps) {
  const { shell } = useWords();
  return <PageHeader title={id} back={{ to: '/policies', text: shell.pages.policies }} />;
}
