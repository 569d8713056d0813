/**
 * Writes on their way to the writer's thread. Copying thousands of small objects between threads costs more
 * than writing their rows, so a commit travels as one list of values and, for each write, the number of its
 * shape: table, operation and fields. A shape is sent once, the thread keeps a prepared statement for it.
 */
import { TABLES } from '@hera/core';
import type { RowKey, RowValue, TableName, Write } from '@hera/core';
import { addSql, deleteSql, keyFields, putSql, valueFields } from './sql.js';
import type { SqlValue } from './thread/driver.js';
import { ROWS_AT_ONCE } from './thread/messages.js';
import type { EncodedWrites, Shape } from './thread/messages.js';

/** Turns commits into what the writer's thread takes. */
export interface CommitEncoder {
  /** Throws when a write does not fit the catalogue: a bug of the writer, found before anything is sent. */
  encode(writes: readonly Write[]): EncodedWrites;
}

interface KnownShape {
  readonly number: number;
  readonly fields: readonly string[];
}

interface TableShapes {
  readonly key: readonly string[];
  readonly fields: ReadonlySet<string>;
  readonly puts: Map<string, KnownShape>;
  readonly adds: Map<string, KnownShape>;
  lastPut: KnownShape | undefined;
  remove: KnownShape | undefined;
}

/** An encoder for one receiver, which must get all that it encodes, in order. */
export function createCommitEncoder(): CommitEncoder {
  const shapes = createShapes();
  return {
    encode(writes) {
      const runs: number[] = [];
      const values: SqlValue[] = [];
      let last = -1;
      // No iterator: this function is called too seldom to be compiled for one, and each step would make an
      // object.
      for (let i = 0; i < writes.length; i += 1) {
        const write = writes[i] as Write;
        const shape = shapes.of(write);
        if (shape.number === last) runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1;
        else runs.push(shape.number, 1);
        last = shape.number;
        pushValues(values, write, shape.fields);
      }
      return { newShapes: shapes.takeNew(), runs, values };
    },
  };
}

/** Plain loops: every value of every row passes here. */
function pushValues(values: SqlValue[], write: Write, fields: readonly string[]): void {
  const { key } = write;
  for (let i = 0; i < key.length; i += 1) values.push(key[i] ?? null);
  if (write.op === 'put') {
    const { value } = write;
    for (let i = 0; i < fields.length; i += 1) values.push(value[fields[i] ?? ''] ?? null);
  } else if (write.op === 'add') values.push(write.by);
}

/** Numbers the shapes of writes, and remembers those that the receiver has not been sent. */
function createShapes() {
  const tables = new Map<TableName, TableShapes>();
  let shapeCount = 0;
  let newShapes: Shape[] = [];

  const shapesOf = (table: TableName): TableShapes => {
    const known = tables.get(table);
    if (known) return known;
    const made = emptyShapes(table);
    tables.set(table, made);
    return made;
  };
  const makeShape = (shape: Shape, fields: readonly string[]): KnownShape => {
    newShapes.push(shape);
    return { number: shapeCount++, fields };
  };
  const putShape = (table: TableName, shapes: TableShapes, value: RowValue): KnownShape => {
    if (shapes.lastPut && hasFields(value, shapes.lastPut.fields)) return shapes.lastPut;
    const fields = Object.keys(value);
    const name = fields.join();
    let shape = shapes.puts.get(name);
    if (!shape) {
      checkFields(table, shapes, fields);
      const manySql = putSql(table, fields, ROWS_AT_ONCE);
      const size = shapes.key.length + fields.length;
      shape = makeShape({ sql: putSql(table, fields), size, manySql }, fields);
      shapes.puts.set(name, shape);
    }
    shapes.lastPut = shape;
    return shape;
  };
  const addShape = (table: TableName, shapes: TableShapes, field: string): KnownShape => {
    const known = shapes.adds.get(field);
    if (known) return known;
    checkFields(table, shapes, [field]);
    const sql = addSql(table, field);
    const shape = makeShape({ sql, size: shapes.key.length + 1, manySql: null }, [field]);
    shapes.adds.set(field, shape);
    return shape;
  };

  return {
    of(write: Write): KnownShape {
      const shapes = shapesOf(write.table);
      checkKey(write.table, write.key, shapes.key.length);
      switch (write.op) {
        case 'put':
          return putShape(write.table, shapes, write.value);
        case 'add':
          return addShape(write.table, shapes, write.field);
        case 'delete':
          return (shapes.remove ??= makeShape(
            { sql: deleteSql(write.table), size: shapes.key.length, manySql: null },
            [],
          ));
      }
    },
    takeNew(): readonly Shape[] {
      const taken = newShapes;
      newShapes = [];
      return taken;
    },
  };
}

function emptyShapes(table: TableName): TableShapes {
  if (!(table in TABLES)) throw new Error(`no table "${table}" in the catalogue`);
  return {
    key: keyFields(table),
    fields: new Set(valueFields(table)),
    puts: new Map(),
    adds: new Map(),
    lastPut: undefined,
    remove: undefined,
  };
}

function hasFields(value: RowValue, fields: readonly string[]): boolean {
  let count = 0;
  for (const field in value) {
    if (field !== fields[count]) return false;
    count += 1;
  }
  return count === fields.length;
}

function checkFields(table: TableName, shapes: TableShapes, fields: readonly string[]): void {
  const unknown = fields.find((field) => !shapes.fields.has(field));
  if (unknown !== undefined) throw new Error(`table "${table}" has no field "${unknown}"`);
}

function checkKey(table: TableName, key: RowKey, length: number): void {
  if (key.length === length) return;
  throw new Error(`table "${table}" has keys of ${length} values, found ${key.length}`);
}
