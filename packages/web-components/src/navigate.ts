/**
 * Where things are. Elements link to the pages of the app by hash; a host with addresses of its own listens
 * for `hera-navigate`, calls `preventDefault()` and goes where it likes.
 */
import type { Phase } from '@hera/api';
import { PHASES } from '@hera/api';

/** A page of the app. */
export type Route =
  | { readonly page: 'now' }
  | { readonly page: 'jobs' }
  | { readonly page: 'runs'; readonly job: string; readonly phases: readonly Phase[] }
  | { readonly page: 'run'; readonly run: string }
  | { readonly page: 'graph' }
  | { readonly page: 'sign-in'; readonly token: string }
  | { readonly page: 'unknown' };

/** Reads the hash of an address; what is no page is `unknown`. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [page = '', ...rest] = path.split('/');
  const subject = decode(rest.join('/'));
  if (page === '' || page === 'now') return { page: 'now' };
  if (page === 'jobs' || page === 'graph') return { page };
  if (page === 'runs' && subject !== '') return { page: 'run', run: subject };
  if (page === 'runs') {
    const query = new URLSearchParams(search);
    const phases = PHASES.filter((phase) => query.getAll('phase').includes(phase));
    return { page: 'runs', job: query.get('job') ?? '', phases };
  }
  if (page === 'sign-in') return { page: 'sign-in', token: subject };
  return { page: 'unknown' };
}

/** The hash of a page; `parseRoute` reverses it. */
export function routeHref(route: Route): string {
  if (route.page === 'run') return `#/runs/${encodeURIComponent(route.run)}`;
  if (route.page === 'sign-in') return `#/sign-in/${encodeURIComponent(route.token)}`;
  if (route.page !== 'runs') return route.page === 'now' ? '#/' : `#/${route.page}`;
  const query = new URLSearchParams();
  if (route.job !== '') query.set('job', route.job);
  for (const phase of route.phases) query.append('phase', phase);
  const tail = query.toString();
  return tail === '' ? '#/runs' : `#/runs?${tail}`;
}

/** Address of a run. */
export const runHref = (run: string) => routeHref({ page: 'run', run });
/** Address of the runs of a job. */
export const jobHref = (job: string) => routeHref({ page: 'runs', job, phases: [] });

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Cut in the middle of an encoded letter: shown as it is, found nowhere.
  }
}

/** Sent before an element goes to another page. Bubbles through shadow roots. */
export class HeraNavigateEvent extends Event {
  static readonly type = 'hera-navigate';
  readonly route: Route;

  constructor(route: Route) {
    super(HeraNavigateEvent.type, { bubbles: true, composed: true, cancelable: true });
    this.route = route;
  }
}

/** Listener for clicks on an element's own links: tells the host, who may keep the browser from following. */
export function announceNavigation(event: MouseEvent): void {
  const target = event.currentTarget;
  if (!(target instanceof Element)) return;
  const link = event.composedPath().find((node) => node instanceof Element && node.matches('a[href^="#/"]'));
  if (!(link instanceof Element)) return;
  const route = parseRoute(link.getAttribute('href') ?? '');
  if (!target.dispatchEvent(new HeraNavigateEvent(route))) event.preventDefault();
}

declare global {
  interface GlobalEventHandlersEventMap {
    'hera-navigate': HeraNavigateEvent;
  }
}
