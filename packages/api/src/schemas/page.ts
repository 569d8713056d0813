/** Keyset pages: one order, a limit, and the place the next page starts after. */
import type { TSchema } from 'typebox';
import { Type } from 'typebox';
import { nullable } from './scalars.js';

/** Most items a page holds. */
export const PAGE_LIMIT_MAX = 1000;
/** Items of a page when none are asked for. */
export const PAGE_LIMIT_DEFAULT = 100;

/** Query fields of every route that answers with a page. */
export const PAGE_QUERY = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT })),
  after: Type.Optional(Type.String({ maxLength: 1024, description: '`next` of the page before' })),
};

/** A page of the items; `next` is null on the last one. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), next: nullable(Type.String()) });

/** A page as readers see it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
