/** Documents as the writer's thread changes them: each statement finds exactly the version it was told. */
import type { DocumentChange } from '@hera/core';
import type { Database } from './driver.js';

/** Applies one change within the transaction of its caller; false when the version is another. */
export function createDocumentChanger(database: Database): (change: DocumentChange) => boolean {
  const insert = database.prepare(
    'INSERT INTO "document" ("kind", "id", "version", "body") VALUES (?, ?, 1, ?) ' +
      'ON CONFLICT ("kind", "id") DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE "document" SET "version" = "version" + 1, "body" = ? ' +
      'WHERE "kind" = ? AND "id" = ? AND "version" = ?',
  );
  const remove = database.prepare('DELETE FROM "document" WHERE "kind" = ? AND "id" = ? AND "version" = ?');
  return ({ kind, id, version, body }) => {
    if (version === 0) return body !== null && Number(insert.run(kind, id, body).changes) === 1;
    const done = body === null ? remove.run(kind, id, version) : update.run(body, kind, id, version);
    return Number(done.changes) === 1;
  };
}
