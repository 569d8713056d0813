/** Documents, changed by any server in a transaction of their own. */
import type { DocumentChange } from '@hera/core';
import type { Session } from './session.js';

const DUPLICATE = 1062;

/**
 * Applies all changes or none; false when a document has another version. Every statement names the version
 * it expects, and one that finds it keeps the row until the end.
 */
export async function changeDocuments(
  session: Session,
  changes: readonly DocumentChange[],
): Promise<boolean> {
  await session.run('START TRANSACTION');
  try {
    // In one order, so that two servers do not wait for each other in a circle.
    const ordered = [...changes].sort((a, b) => compare(a.kind, b.kind) || compare(a.id, b.id));
    for (const change of ordered) {
      if (await apply(session, change)) continue;
      await session.run('ROLLBACK');
      return false;
    }
    await session.run('COMMIT');
    return true;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => session.discard());
    if ((error as { readonly errno?: unknown }).errno === DUPLICATE) return false;
    throw error;
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

async function apply(session: Session, { kind, id, version, body }: DocumentChange): Promise<boolean> {
  if (version === 0) {
    if (body === null) return false;
    const sql = 'INSERT INTO `document` (`kind`, `id`, `version`, `body`) VALUES (?, ?, 1, ?)';
    return (await session.execute(sql, [kind, id, body])).affected === 1;
  }
  const where = 'WHERE `kind` = ? AND `id` = ? AND `version` = ?';
  const { affected } =
    body === null
      ? await session.execute(`DELETE FROM \`document\` ${where}`, [kind, id, version])
      : await session.execute(
          `UPDATE \`document\` SET \`version\` = \`version\` + 1, \`body\` = ? ${where}`,
          [body, kind, id, version],
        );
  return affected === 1;
}
