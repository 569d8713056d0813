/**
 * The pages in a real browser: the built bundle under a strict content security policy, over an estate in
 * memory. Every element in every state, both languages, both themes, by keyboard, and without a fault that
 * axe can find. Skipped, with the reason in its name, on a machine without Chromium.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { emptyEstate, ESTATE_AT, exampleEstate } from '@hera/web-components/sources/example-estate.js';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../tools/machine.mjs';
import type { PageServer } from './pages-server.js';
import { startPageServer } from './pages-server.js';

const CHROMIUM = findChromium();
const BUNDLE = fileURLToPath(import.meta.resolve('@hera/web-components/hera.bundle.js'));
const MISSING =
  CHROMIUM === null ? 'no Chromium' : existsSync(BUNDLE) ? null : 'no bundle: npm run build makes it';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const estate = exampleEstate();
const idOf = (job: string) => estate.runs.find((run) => run.job === job)?.id ?? '';
const runHash = (job: string) => `#/runs/${encodeURIComponent(idOf(job))}`;
const PAGES = [
  ['now', '#/'],
  ['jobs', '#/jobs'],
  ['runs', '#/runs'],
  ['failed run', runHash('dwd_payment')],
  ['waiting run', runHash('ads_ceo_report')],
  ['running run', runHash('dws_user_active')],
  ['graph', '#/graph'],
] as const;

interface Look {
  readonly locale?: 'en-GB' | 'zh-CN';
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

describe.skipIf(MISSING !== null)(`pages${MISSING === null ? '' : ` (${MISSING})`}`, () => {
  let browser: Browser;
  let server: PageServer;
  let context: BrowserContext;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ARGS });
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    server = await startPageServer(estate);
    complaints = [];
  });
  afterEach(async () => {
    await context.close();
    await server.close();
    expect(server.faults).toEqual([]);
    expect(complaints).toEqual([]);
  });

  async function open(path: string, look: Look = {}): Promise<Page> {
    context = await browser.newContext({
      locale: look.locale ?? 'en-GB',
      colorScheme: look.colorScheme ?? 'light',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      viewport: { width: look.width ?? 1280, height: 800 },
      // Only so that axe can be put into a page whose policy would refuse it; the policy has a test of its own.
      bypassCSP: true,
    });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      const isRefusal = /status of (401|404|429)/.test(message.text());
      if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
    });
    await page.clock.install({ time: ESTATE_AT });
    await page.goto(`${server.url}/${path}`);
    return page;
  }

  /** What axe finds, as `rule: first element`, shadow roots included. */
  async function axe(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
      const { axe: runner } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await runner.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
  }

  const settled = (page: Page) =>
    page.locator('hera-app main [aria-busy]').first().waitFor({ state: 'detached' });

  describe.each([
    ['light English', { colorScheme: 'light', locale: 'en-GB' }],
    ['dark Chinese', { colorScheme: 'dark', locale: 'zh-CN' }],
  ] as const)('in %s', (_, look) => {
    it.each(PAGES)('%s has no fault that axe can find', async (_name, hash) => {
      const page = await open(hash, look);
      await settled(page);
      await page.locator('hera-status').first().waitFor();
      expect(await axe(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(look.locale);
    });

    it.each(['#/', '#/jobs', '#/runs', '#/graph'])('%s without anything says so', async (hash) => {
      server.source.replace(emptyEstate());
      const page = await open(hash, look);
      await page.locator('.blank h2').waitFor();
      expect(await axe(page)).toEqual([]);
    });

    it('a sign-in page asks for a token', async () => {
      server.isLocked = true;
      const page = await open('#/', look);
      await page.locator('form.sign-in').waitFor();
      expect(await axe(page)).toEqual([]);
    });
  });

  it('obeys a policy that allows nothing inline', async () => {
    context = await browser.newContext({ timezoneId: 'Asia/Shanghai' });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    for (const [, hash] of PAGES) {
      await page.goto(`${server.url}/${hash}`);
      await page.locator('hera-status').first().waitFor();
    }
    await page.goto(`${server.url}/${runHash('dws_user_active')}`);
    await page.locator('.row').first().waitFor();
    const button = page.getByRole('button', { name: 'Cancel run' });
    await button.click();
    await page.getByRole('button', { name: 'Leave it' }).click();
    await button.click();
    await page.locator('dialog').getByRole('button', { name: 'Cancel run' }).click();
    await page.getByText('The cancel has been asked for.').waitFor();
  });

  it('switches language and theme, and keeps both', async () => {
    const page = await open('#/jobs');
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('heading', { name: '任务' }).waitFor();
    await page.getByRole('combobox', { name: '主题' }).selectOption('dark');
    const surface = () =>
      page
        .locator('.panel')
        .first()
        .evaluate((panel) => getComputedStyle(panel).backgroundColor);
    expect(await surface()).toBe('rgb(20, 23, 28)');
    await page.reload();
    await page.getByRole('heading', { name: '任务' }).waitFor();
    expect(await surface()).toBe('rgb(20, 23, 28)');
  });

  it('follows the events without being asked', async () => {
    const page = await open('#/');
    const failed = page.locator('[part=tile]').filter({ hasText: 'Failed' }).locator('.figure');
    await expect.poll(() => failed.textContent()).toBe('1');
    await page.getByText('Live').waitFor();
    const now = { ...estate.now, counts: { ...estate.now.counts, failed: 14 } };
    server.source.replace({ ...estate, now });
    const on = { job: 'dws_gmv', run: idOf('dws_gmv') };
    server.send({
      type: 'generation.phase',
      ...on,
      generation: 1,
      track: 'main',
      trigger: 'schedule',
      phase: 'failed',
      reason: 'exit',
    });
    await page.clock.runFor(2000);
    await expect.poll(() => failed.textContent()).toBe('14');
  });

  it('keeps what it shows when the server refuses, and tries again', async () => {
    const page = await open('#/jobs');
    await page.getByRole('link', { name: 'dwd_order' }).waitFor();
    server.isBroken = true;
    server.send({ type: 'job.changed', job: 'dwd_order', change: 'edited', revision: 2, actor: 'li' });
    await page.clock.runFor(2000);
    await page.getByText('The scheduler takes no more for now.').waitFor();
    expect(await page.getByRole('link', { name: 'dwd_order' }).count()).toBe(1);
    expect(await axe(page)).toEqual([]);
    server.isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The scheduler takes no more for now.').waitFor({ state: 'detached' });
  });

  it('signs in by a link, and leaves no token in the address', async () => {
    server.isLocked = true;
    const page = await open('#/sign-in/demo');
    await page.getByText('dwd_payment').first().waitFor();
    expect(page.url()).toBe(`${server.url}/#/`);
  });

  it('says when a token is used up, and takes another', async () => {
    server.isLocked = true;
    const page = await open('#/sign-in/old');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Token').fill('demo');
    await page.keyboard.press('Enter');
    await page.getByText('dwd_payment').first().waitFor();
  });

  it('shows that a page or a run does not exist', async () => {
    const page = await open('#/studio');
    await page.getByText('There is no such page.').waitFor();
    await page.evaluate(() => (location.hash = '#/runs/nobody@20261123T020000Z'));
    await page.getByText('There is no run nobody@20261123T020000Z.').waitFor();
  });

  describe('tables', () => {
    it('filter runs by phase and job, with the filters in the address', async () => {
      const page = await open('#/runs');
      await page.getByRole('button', { name: 'Failed' }).click();
      await expect.poll(() => page.url()).toContain('#/runs?phase=failed');
      const phases = page.locator('tbody hera-status [part=label]');
      await expect.poll(async () => new Set(await phases.allInnerTexts())).toEqual(new Set(['Failed']));
      await page.getByRole('searchbox', { name: 'Job' }).fill('dwd_payment');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.url()).toContain('job=dwd_payment');
      await expect
        .poll(async () => new Set(await page.locator('tbody th').allInnerTexts()))
        .toEqual(new Set(['dwd_payment']));
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await expect.poll(() => page.locator('tbody tr').count()).toBe(100);
      await page.getByRole('button', { name: 'Show more' }).click();
      await expect.poll(() => page.locator('tbody tr').count()).toBe(200);
    });

    it('walk by arrow keys and open by Enter', async () => {
      const page = await open('#/runs');
      await page.locator('tbody a').first().focus();
      const [, second] = await page.locator('tbody a').allInnerTexts();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: second ?? '' }).waitFor();
    });

    it('filter jobs while typing, sort, and run one after asking', async () => {
      const page = await open('#/jobs');
      await page.getByRole('searchbox').fill('宽表');
      const names = page.locator('tbody th a');
      await expect.poll(() => names.allInnerTexts()).toEqual(['dwd_click', 'dwd_order', 'dwd_payment']);
      await page.getByRole('button', { name: 'Job', exact: true }).click();
      await expect.poll(() => names.allInnerTexts()).toEqual(['dwd_payment', 'dwd_order', 'dwd_click']);
      await page.getByRole('button', { name: 'Run now: dwd_click' }).click();
      await page.keyboard.press('Escape');
      expect(await page.getByText('Started').count()).toBe(0);
      await page.getByRole('button', { name: 'Run now: dwd_click' }).click();
      expect(await axe(page)).toEqual([]);
      await page.locator('dialog').getByRole('button', { name: 'Run now' }).click();
      await page.getByRole('link', { name: `Started ${idOf('dwd_click')}` }).waitFor();
    });

    it('tell the host before they leave the page, and stay when it says so', async () => {
      const page = await open('#/runs');
      await page.locator('tbody a').first().waitFor();
      await page.evaluate(() => {
        addEventListener('hera-navigate', (event) => {
          event.preventDefault();
          document.title = (event as unknown as { route: { run: string } }).route.run;
        });
      });
      await page.locator('tbody a').first().click();
      expect(await page.title()).toBe(estate.runs[0]?.id);
      expect(page.url()).toContain('#/runs');
      expect(page.url()).not.toContain('%40');
    });
  });

  describe('a run', () => {
    it('says why it waits, with a link to what it waits for', async () => {
      const page = await open(runHash('ads_ceo_report'));
      await page.getByRole('link', { name: /^dws_gmv \(.*\) is itself waiting\.$/ }).click();
      await page.getByRole('link', { name: /^dwd_payment \(.*\) failed\.$/ }).click();
      await page.getByText("Table not found 'dim_shop'").first().waitFor();
    });

    it('changes attempts by arrow keys', async () => {
      const page = await open(runHash('dwd_payment'));
      await page.getByRole('tab', { name: '3' }).focus();
      await page.keyboard.press('ArrowLeft');
      await page.getByRole('tab', { name: '2', selected: true }).waitFor();
      await page.locator(`hera-log-view[attempt="${idOf('dwd_payment')}/2"]`).waitFor();
    });

    it('resumes after asking', async () => {
      const page = await open(runHash('dwd_payment'));
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator('dialog').getByRole('button', { name: 'Resume' }).click();
      await page.getByText('Generation 2 has been created.').waitFor();
    });
  });

  describe('a log', () => {
    const attempt = `${idOf('dws_user_active')}/1`;

    it('follows the tail, lets go when scrolled up, and comes back', async () => {
      const page = await open(runHash('dws_user_active'));
      const view = page.locator('hera-log-view [part=view]');
      const lastLine = () => page.locator('.row').last().innerText();
      await expect.poll(lastLine).toContain('482113');
      server.source.write(attempt, 'first new line\n');
      await expect.poll(lastLine).toContain('first new line');
      await view.hover();
      await page.mouse.wheel(0, -600);
      await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
      const top = await view.evaluate((element) => element.scrollTop);
      server.source.write(attempt, 'second new line\nthird new line\n');
      await page.getByRole('button', { name: '2 new lines' }).waitFor();
      expect(await view.evaluate((element) => element.scrollTop)).toBe(top);
      await page.getByRole('button', { name: '2 new lines' }).click();
      await expect.poll(lastLine).toContain('third new line');
    });

    it('is text, whatever is written in it', async () => {
      const page = await open(runHash('dws_user_active'));
      server.source.write(attempt, '<img src=x onerror="document.title=1"><b>bold</b>\n');
      await page.getByText('<img src=x onerror="document.title=1"><b>bold</b>').waitFor();
      expect(await page.locator('hera-log-view img, hera-log-view b').count()).toBe(0);
    });

    it('bears 100,000 lines: few rows in the page, and every one can be reached', async () => {
      const page = await open(runHash('dws_user_active'));
      await page.locator('.row').first().waitFor();
      const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index} \x1b[31mred\x1b[0m 中文`);
      server.source.write(attempt, `${lines.join('\n')}\nneedle in the stack\n`, true);
      await page.getByText('100,125 lines').waitFor();
      await page.getByText('needle in the stack').waitFor();
      expect(await page.locator('.row').count()).toBeLessThan(80);
      await page.locator('[part=view]').focus();
      await page.keyboard.press('Home');
      await page.getByText(`${attempt} on`).waitFor();
      await page.getByRole('searchbox', { name: 'Find in log' }).fill('line 54321 ');
      await page.getByRole('toolbar').getByText('1 of 1').waitFor();
      await page.locator('.row.current').getByText('54321').waitFor();
      expect(await axe(page)).toEqual([]);
    });
  });

  describe('the graph', () => {
    it('is walked by arrow keys along its edges, and opens the runs of a job', async () => {
      const page = await open('#/graph');
      await page.getByRole('link', { name: /^ods_payment,/ }).focus();
      const name = () =>
        page.evaluate(() => {
          let active = document.activeElement;
          while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
          return active?.getAttribute('aria-label')?.split(',')[0];
        });
      await page.keyboard.press('ArrowRight');
      expect(await name()).toBe('dwd_payment');
      await page.keyboard.press('ArrowRight');
      expect(await name()).toBe('dws_gmv');
      await page.keyboard.press('ArrowUp');
      expect(await name()).toBe('dws_conversion');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.url()).toContain('#/runs?job=dws_conversion');
    });

    it('shows a new phase from the event alone, and moves no node', async () => {
      const page = await open('#/graph');
      const node = page.getByRole('link', { name: /^dws_gmv,/ });
      await page.getByText('Live').waitFor();
      const place = await node.getAttribute('transform');
      server.isBroken = true;
      server.send({
        type: 'generation.phase',
        job: 'dws_gmv',
        run: idOf('dws_gmv'),
        generation: 1,
        track: 'main',
        trigger: 'upstream',
        phase: 'running',
        reason: null,
      });
      await page.getByRole('link', { name: /^dws_gmv, Running\./ }).waitFor();
      expect(await node.getAttribute('transform')).toBe(place);
    });

    it('does not move a node when a job is edited', async () => {
      const page = await open('#/graph');
      const node = page.getByRole('link', { name: /^dws_gmv,/ });
      const place = await node.getAttribute('transform');
      const graph = {
        ...estate.graph,
        nodes: estate.graph.nodes.map(({ v, value }) => ({
          v,
          value: { ...value, phase: 'failed' as const },
        })),
      };
      server.source.replace({ ...estate, graph });
      server.send({ type: 'job.changed', job: 'dws_gmv', change: 'edited', revision: 2, actor: 'li' });
      await page.clock.runFor(2000);
      await page.getByRole('link', { name: /^dws_gmv, Failed\./ }).waitFor();
      expect(await node.getAttribute('transform')).toBe(place);
    });
  });

  it.each([320, 360])('fits a screen of %d pixels without scrolling sideways', async (width) => {
    const page = await open('#/', { width });
    for (const [, hash] of PAGES) {
      await page.evaluate((next) => (location.hash = next), hash);
      await page.locator('hera-status').first().waitFor();
      const overflow = await page.evaluate(() => {
        const main = document.querySelector('hera-app')?.shadowRoot?.querySelector('main');
        return [
          document.documentElement.scrollWidth - innerWidth,
          (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0),
        ];
      });
      expect(overflow).toEqual([0, 0]);
    }
  });

  it('leads the keyboard past the pages to the content', async () => {
    const page = await open('#/');
    await page.locator('[part=tile]').first().waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const part = await page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.getAttribute('part');
    });
    expect(part).toBe('tile');
  });

  describe('elements on a page of somebody else', () => {
    it('show the data they are given, without a source', async () => {
      const page = await open('stage');
      await page.evaluate(
        ([now, runs, graph]) => {
          const add = (tag: string, properties: object) =>
            document.querySelector('main')?.append(Object.assign(document.createElement(tag), properties));
          add('hera-now', { data: now });
          add('hera-run-table', { data: runs, compact: true });
          add('hera-dag', { data: graph });
          add('hera-log-view', { data: 'one\n\x1b[32mtwo\x1b[0m' });
          add('hera-status', { state: 'failed', variant: 'chip' });
        },
        [estate.now, estate.runs.slice(0, 20), estate.graph] as const,
      );
      await page.locator('hera-log-view').getByText('two').waitFor();
      await page.locator('hera-dag text').getByText('dws_gmv').waitFor();
      expect(await page.locator('hera-run-table tbody tr').count()).toBe(20);
      expect(await axe(page)).toEqual([]);
    });

    it('follow a colour scheme and tokens of any ancestor', async () => {
      const page = await open('stage');
      const color = await page.evaluate(async () => {
        const main = document.querySelector('main');
        const element = document.createElement('hera-status');
        element.setAttribute('state', 'failed');
        main?.append(element);
        await (element as unknown as { updateComplete: Promise<unknown> }).updateComplete;
        const icon = element.shadowRoot?.querySelector('svg') ?? element;
        const read = () => getComputedStyle(icon).color;
        const light = read();
        main?.style.setProperty('color-scheme', 'dark');
        const dark = read();
        main?.style.setProperty('--hera-state-failed', 'rgb(1, 2, 3)');
        return [light, dark, read()];
      });
      expect(color).toEqual(['rgb(149, 16, 11)', 'rgb(232, 74, 16)', 'rgb(1, 2, 3)']);
    });
  });
});
