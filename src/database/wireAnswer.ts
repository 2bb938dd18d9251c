import { protocol, type PGlite } from '@electric-sql/pglite';

/** A column of a statement's rows, with what reads its values. */
export interface Column {
  name: string;
  read: ((value: string) => unknown) | null;
}

/** What the database says about a column. */
interface Field {
  name: string;
  dataTypeID: number;
}

/** A statement that was carried out. */
interface Command {
  /** As `INSERT`. */
  name: string;
  changedRows: number;
}

/** The answer to the messages up to a Sync. */
export interface Answer {
  rows: Record<string, unknown>[];
  commands: Command[];
  /** Of a statement that was described. */
  parameterTypes: readonly number[];
  fields: readonly Field[];
  error: Error | null;
  /** Whether a transaction is open now. */
  isOpen: boolean;
}

/** The first byte of a message. Source: PostgreSQL, "Message Formats". */
const DATA_ROW = 0x44;
const COMMAND_COMPLETE = 0x43;
const READY = 0x5a;
const PARAMETERS = 0x74;
const FIELDS = 0x54;
const ERROR = 0x45;
const IDLE = 0x49;
/** The byte, and the length of the message without it. */
const HEADER = 5;

/** Commands whose answer ends in the number of rows they changed. */
const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);

export function columnsOf(fields: readonly Field[], parsers: PGlite['parsers']): Column[] {
  return fields.map(({ name, dataTypeID }) => ({ name, read: parsers[dataTypeID] ?? null }));
}

/** Reads an answer in one pass; PGlite's parser decodes each value and each message apart, which takes longer. */
export function readAnswer(bytes: Buffer, columns: readonly Column[]): Answer {
  const answer: Answer = {
    rows: [],
    commands: [],
    parameterTypes: [],
    fields: [],
    error: null,
    isOpen: false,
  };
  let next: number;
  for (let at = 0; at + HEADER <= bytes.length; at = next) {
    next = at + 1 + bytes.readInt32BE(at + 1);
    switch (bytes.readUInt8(at)) {
      case DATA_ROW:
        answer.rows.push(rowAt(bytes, at + HEADER, columns));
        break;
      case COMMAND_COMPLETE:
        answer.commands.push(commandOf(bytes.toString('latin1', at + HEADER, next - 1)));
        break;
      case READY:
        answer.isOpen = bytes[at + HEADER] !== IDLE;
        break;
      case PARAMETERS:
      case FIELDS:
      case ERROR:
        readWithPglite(bytes.subarray(at, next), answer);
        break;
    }
  }
  return answer;
}

function rowAt(bytes: Buffer, start: number, columns: readonly Column[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let at = start + 2;
  for (const { name, read } of columns) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) row[name] = null;
    else {
      const value = bytes.toString('utf8', at, at + length);
      at += length;
      row[name] = read ? read(value) : value;
    }
  }
  return row;
}

/** @param tag such as `INSERT 0 5` */
function commandOf(tag: string): Command {
  const words = tag.split(' ');
  const [name = ''] = words;
  return { name, changedRows: CHANGES.has(name) ? Number(words.at(-1)) : 0 };
}

function readWithPglite(message: Buffer, answer: Answer): void {
  new protocol.Parser().parse(message, (read) => {
    if (read instanceof protocol.messages.DatabaseError) answer.error ??= read;
    else if (read instanceof protocol.messages.RowDescriptionMessage) answer.fields = read.fields;
    else if (read instanceof protocol.messages.ParameterDescriptionMessage)
      answer.parameterTypes = read.dataTypeIDs;
  });
}
