/*
 * SQL that resets a database with all tables to its initial state.
 */

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, format('pristine.%I', n.nspname || '.' || c.relname) AS kept
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pristine')`;

/** Tables that refer to others first, so that no rows refer to deleted ones. */
const CHILDREN_FIRST = `ORDER BY NOT EXISTS
  (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = c.oid AND confrelid <> c.oid), c.oid`;

/**
 * Saves the existing rows, and creates a function that restores everything. Its statements are fixed, because parsing
 * takes longest. `session_replication_role` would allow any order, but drops all plans. Deleted rows leave space behind,
 * so a table that has grown is truncated instead; truncating all of them would create new files for each.
 */
export const REMEMBER = `
  CREATE SCHEMA pristine;
  DO $remember$ DECLARE t record; filled boolean; known text := ''; emptying text := ''; filling text := ''; BEGIN
    FOR t IN ${TABLES} ${CHILDREN_FIRST} LOOP
      known := known || format('%L, ', t.name);
      emptying := emptying || format(
        'IF pg_relation_size(%1$L) > 65536 THEN TRUNCATE %1$s CASCADE; ELSE DELETE FROM %1$s; END IF; ', t.name);
      EXECUTE 'SELECT EXISTS (SELECT FROM ' || t.name || ')' INTO filled;
      IF filled THEN
        EXECUTE format('CREATE TABLE %s AS TABLE %s', t.kept, t.name);
        filling := filling || format('INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM %s; ', t.name, t.kept);
      END IF;
    END LOOP;
    EXECUTE format($function$
      CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql AS $restore$ DECLARE t record; BEGIN
        FOR t IN %s LOOP
          IF NOT t.name = ANY (ARRAY[%s '']) THEN EXECUTE 'DROP TABLE ' || t.name; END IF;
        END LOOP;
        %s
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
        %s
      END $restore$ $function$, $tables$${TABLES}$tables$, known, emptying, filling);
  END $remember$;`;

/** Drops tables created since, empties the others, and restores the saved rows. Fails if a table is missing. */
export const RESTORE = `SELECT pristine.restore()`;
