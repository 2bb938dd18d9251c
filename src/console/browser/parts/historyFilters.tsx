import { Button, Dropdown, Field, Input, makeStyles, Option, tokens } from '@fluentui/react-components';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { dispositions, faultsOf, noFilters, statuses, type Filters } from '../historyFilters.ts';
import { useWords } from '../texts.ts';

const useStyles = makeStyles({
  form: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 200px), 1fr))',
    gap: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
    alignItems: 'start',
    marginBottom: tokens.spacingVerticalL,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  control: { minWidth: 0, width: '100%' },
  actions: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    gridColumnStart: 1,
    gridColumnEnd: -1,
  },
});

/** The filters of a list. They count when the form is sent. */
export function FilterForm({ filters, search }: { filters: Filters; search: (filters: Filters) => void }) {
  const styles = useStyles();
  const { history } = useWords();
  const [draft, setDraft] = useState(filters);
  const [tried, setTried] = useState(false);
  useEffect(() => setDraft(filters), [filters]);
  const faults = faultsOf(draft);
  const set = (change: Partial<Filters>): void => setDraft({ ...draft, ...change });
  const text = (
    name: 'person' | 'policy' | 'code' | 'from' | 'until',
    type: 'text' | 'date' = 'text',
  ): ReactNode => (
    <Input
      className={styles.control}
      type={type}
      value={draft[name]}
      maxLength={200}
      onChange={(_event, { value }) => set({ [name]: value })}
    />
  );
  return (
    <form
      role="search"
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (faults.code || faults.dates) return;
        search({
          ...draft,
          person: draft.person.trim(),
          policy: draft.policy.trim(),
          code: draft.code.trim(),
        });
      }}
    >
      <Field
        label={history.person}
        hint={draft.shows === 'calls' ? history.personOfCall : history.personOfEscalation}
      >
        {text('person')}
      </Field>
      <Field label={history.policy}>{text('policy')}</Field>
      {draft.shows === 'calls' ? (
        <>
          <Several
            label={history.disposition}
            options={dispositions}
            words={history.dispositions}
            chosen={draft.dispositions}
            choose={(chosen) => set({ dispositions: chosen })}
          />
          <Field
            label={history.code}
            hint={history.codeForm}
            {...(tried && faults.code ? { validationMessage: history.codeWrong } : {})}
          >
            {text('code')}
          </Field>
        </>
      ) : (
        <Several
          label={history.status}
          options={statuses}
          words={history.statuses}
          chosen={draft.statuses}
          choose={(chosen) => set({ statuses: chosen })}
        />
      )}
      <Field label={history.fromDay}>{text('from', 'date')}</Field>
      <Field
        label={history.untilDay}
        {...(tried && faults.dates ? { validationMessage: history.datesWrong } : {})}
      >
        {text('until', 'date')}
      </Field>
      <div className={styles.actions}>
        <Button type="submit" appearance="primary">
          {history.search}
        </Button>
        <Button appearance="subtle" onClick={() => search({ ...noFilters, shows: draft.shows })}>
          {history.clear}
        </Button>
      </div>
    </form>
  );
}

/** Chooses any number of words; none means all. */
function Several<Word extends string>({
  label,
  options,
  words,
  chosen,
  choose,
}: {
  label: string;
  options: readonly Word[];
  words: Readonly<Record<Word, string>>;
  chosen: readonly Word[];
  choose: (chosen: Word[]) => void;
}) {
  const styles = useStyles();
  const { history } = useWords();
  const id = useId();
  return (
    <Field label={{ children: label, id }}>
      <Dropdown
        className={styles.control}
        aria-labelledby={id}
        multiselect
        placeholder={history.any}
        value={chosen.map((word) => words[word]).join(', ')}
        selectedOptions={[...chosen]}
        onOptionSelect={(_event, { selectedOptions }) =>
          choose(options.filter((word) => selectedOptions.includes(word)))
        }
      >
        {options.map((word) => (
          <Option key={word} value={word}>
            {words[word]}
          </Option>
        ))}
      </Dropdown>
    </Field>
  );
}
