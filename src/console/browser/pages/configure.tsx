import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { PolicyRow } from '../../model.ts';
import { useApi } from '../api.ts';
import type { Host } from '../host.ts';
import { PageHeader } from '../parts/pageHeader.tsx';
import { listed, pages, pathTo, type ListedPage } from '../routes.ts';
import { useWords } from '../texts.ts';

/** What a tab can show: its path below /console, and its name. */
interface Choice {
  path: string;
  name: string;
}

/** Where somebody who adds a tab to a channel or chat chooses the page that it shows. */
export default function Configure({ teams }: { teams: NonNullable<Host['teams']> }) {
  const { teams: texts, shell } = useWords();
  const policies = usePolicies();
  const choices: Choice[] = [
    ...listed.map((page: ListedPage) => ({ path: pages[page], name: shell.pages[page] })),
    ...policies.map((policy) => ({ path: pathTo('policy', policy), name: texts.policy({ policy }) })),
  ];
  const [path, setPath] = useState<string>(pages.now);
  const { name = '' } = choices.find((choice) => choice.path === path) ?? {};
  useEffect(() => {
    const { config } = teams.pages;
    config.registerOnSaveHandler((saving) => {
      const contentUrl = `${location.origin}/console${path === pages.now ? '' : path}`;
      config
        .setConfig({ entityId: path, contentUrl, websiteUrl: contentUrl, suggestedDisplayName: name })
        .then(
          () => saving.notifySuccess(),
          (error: unknown) => saving.notifyFailure(String(error)),
        );
    });
    config.setValidityState(true);
  }, [teams, path, name]);
  return (
    <main>
      <PageHeader title={texts.title} about={texts.text} />
      <Field label={texts.page}>
        <RadioGroup value={path} onChange={(_event, { value }) => setPath(value)}>
          {choices.map((choice) => (
            <Radio key={choice.path} value={choice.path} label={choice.name} />
          ))}
        </RadioGroup>
      </Field>
    </main>
  );
}

/** Names of policies. The pages can be chosen without them. */
function usePolicies(): string[] {
  const api = useApi();
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    const loading = new AbortController();
    api
      .get<{ policies: PolicyRow[] }>('/policies', loading.signal)
      .then(({ policies }) => setNames(policies.map(({ name }) => name)))
      .catch(() => undefined);
    return () => loading.abort();
  }, [api]);
  return names;
}
