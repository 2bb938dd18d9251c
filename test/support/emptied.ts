/*
 * SQL that puts a database with all tables back as it was when it was made. The schema `pristine` keeps a copy of each table.
 */

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, format('pristine.%I', n.nspname || '.' || c.relname) AS kept
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pristine')`;

/** Copies each table, mostly without a row. */
export const REMEMBER = `
  CREATE SCHEMA pristine;
  DO $$ DECLARE t record; BEGIN
    FOR t IN ${TABLES} LOOP EXECUTE 'CREATE TABLE ' || t.kept || ' AS TABLE ' || t.name; END LOOP;
  END $$;`;

/** Drops tables that came since, empties those with rows, puts back the rows that were there. */
export const EMPTY = `
  DO $$ DECLARE t record; filled boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN ${TABLES} LOOP
      IF to_regclass(t.kept) IS NULL THEN EXECUTE 'DROP TABLE ' || t.name; CONTINUE; END IF;
      EXECUTE 'SELECT EXISTS (SELECT FROM ' || t.name || ')' INTO filled;
      IF filled THEN EXECUTE 'TRUNCATE ' || t.name || ' RESTART IDENTITY CASCADE'; END IF;
    END LOOP;
    FOR t IN ${TABLES} LOOP EXECUTE 'INSERT INTO ' || t.name || ' OVERRIDING SYSTEM VALUE SELECT * FROM ' || t.kept; END LOOP;
  END $$;`;

/** A row for each table that is gone: then the database cannot be used again. */
export const MISSING = `
  SELECT FROM pg_class WHERE relnamespace = 'pristine'::regnamespace AND to_regclass(relname) IS NULL`;
