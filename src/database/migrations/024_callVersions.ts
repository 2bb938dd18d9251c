import type { Migration } from '../migrate.ts';

/**
 * A version for each change of a call, so that a process can save what it made from a call in its memory: it saves -1 in
 * place of the next version if another transaction has changed the call meanwhile, and the database refuses that. A
 * statement that says nothing about the version (the code before this one; the erasure of personal data) counts too.
 */
export const callVersions: Migration = {
  version: 24,
  statements: [
    `ALTER TABLE calls ADD COLUMN version integer NOT NULL DEFAULT 0`,
    `CREATE FUNCTION ringdown_call_version() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.version <> OLD.version THEN
          RAISE EXCEPTION 'the call has changed meanwhile' USING ERRCODE = 'serialization_failure';
        END IF;
        NEW.version := OLD.version + 1;
        RETURN NEW;
      END $$`,
    `CREATE TRIGGER calls_version BEFORE UPDATE ON calls FOR EACH ROW
      WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION ringdown_call_version()`,
  ],
};
