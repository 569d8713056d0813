/** The sections of a run's page that only show: facts, generations and bindings. */
import type { Attempt, Binding, Blocker, Generation, RunDetail } from '@hera/api';
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { blockerFacts, blockerText } from '../../blocker-text.js';
import { formatDuration, formatTime } from '../../format.js';
import { runHref } from '../../navigate.js';
import { elapsedOf, reasonText, runLink, slotText, timeCell } from '../../rows.js';
import { translate, translateCode } from '../../translate.js';

/** When the run is for, and how long it has taken. */
export function factList(run: RunDetail): TemplateResult {
  const { slot } = run;
  const facts: readonly [string, unknown][] = [
    [translate('column.businessDate'), slot.businessDate],
    [translate('run.slot'), html`${timeCell(slot.instant)}`],
    [
      translate('run.interval'),
      html`${timeCell(slot.interval.start)} <span class="quiet">→</span> ${timeCell(slot.interval.end)}`,
    ],
    [translate('run.duration'), elapsedOf(run)],
    [translate('column.attempts'), run.attempts],
  ];
  return html`<dl class="facts" part="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
    ${
      run.submission === null
        ? nothing
        : html`<div>
            <dt>${translate('run.submission')}</dt>
            <dd>${run.submission}</dd>
          </div>`
    }
  </dl>`;
}

/** Why the run is not running, one sentence each. */
export function whyList(blockers: readonly Blocker[]): TemplateResult {
  return html`<section class="panel" part="why" aria-label=${translate('run.why')}>
    <header><h2>${translate('run.why')}</h2></header>
    ${
      blockers.length === 0
        ? html`<p class="empty">${translate('run.why.none')}</p>`
        : html`<ul class="why">
            ${blockers.map(
              (blocker) =>
                html`<li>
                  ${
                    blocker.subject.includes('@')
                      ? html`<a href=${runHref(blocker.subject.replace(/[#/]\d+$/, ''))}
                          >${blockerText(blocker)}</a
                        >`
                      : blockerText(blocker)
                  }
                  <span class="quiet">${blockerFacts(blocker)}</span>
                </li>`,
            )}
          </ul>`
    }
  </section>`;
}

/** Every intention to execute the run, newest first. */
export function generationTable(generations: readonly Generation[]): TemplateResult {
  return html`<section class="panel" part="generations" aria-label=${translate('run.generations')}>
    <header><h2>${translate('run.generations')}</h2></header>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">${translate('column.generation')}</th>
            <th scope="col">${translate('column.phase')}</th>
            <th scope="col">${translate('column.trigger')}</th>
            <th scope="col">${translate('column.actor')}</th>
            <th scope="col">${translate('column.created')}</th>
            <th scope="col">${translate('column.ended')}</th>
            <th scope="col">${translate('column.reason')}</th>
          </tr>
        </thead>
        <tbody>
          ${[...generations].reverse().map(generationRow)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function generationRow(generation: Generation): TemplateResult {
  const marks = [
    ...(generation.track === 'side' ? [translate('track.side')] : []),
    ...(generation.gates === 'bypass' ? [translate('gates.bypass')] : []),
  ];
  const params = Object.entries(generation.params).map(([name, value]) => `${name}=${value}`);
  return html`<tr>
    <th scope="row" class="number">${generation.g}</th>
    <td><hera-status state=${generation.phase}></hera-status></td>
    <td>
      ${translateCode('trigger', generation.trigger)}
      ${marks.length > 0 ? html`<span class="quiet">${marks.join(', ')}</span>` : nothing}
    </td>
    <td>${generation.actor}</td>
    <td>${timeCell(generation.createdAt)}</td>
    <td>${timeCell(generation.endedAt)}</td>
    <td class="wide quiet">
      ${reasonText(generation)}
      ${
        generation.retryAt === null
          ? nothing
          : translate('run.retryAt', { time: formatTime(generation.retryAt) })
      }
      ${params.length > 0 ? html`<code>${params.join(' ')}</code>` : nothing}
    </td>
  </tr>`;
}

/** The upstream runs that the run waits for. */
export function bindingTable(bindings: readonly Binding[]): TemplateResult {
  return html`<section class="panel" part="bindings" aria-label=${translate('run.bindings')}>
    <header><h2>${translate('run.bindings')}</h2></header>
    ${
      bindings.length === 0
        ? html`<p class="empty">${translate('run.bindings.none')}</p>`
        : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">${translate('column.upstream')}</th>
                  <th scope="col">${translate('column.runs')}</th>
                  <th scope="col">${translate('column.need')}</th>
                  <th scope="col">${translate('column.why')}</th>
                </tr>
              </thead>
              <tbody>
                ${bindings.map(bindingRow)}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

function bindingRow(binding: Binding): TemplateResult {
  const links = binding.runs.map((run) => runLink(run, slotText(run)));
  const between = binding.count > links.length ? ' … ' : ', ';
  return html`<tr>
    <th scope="row">${binding.upstream}</th>
    <td>${links.map((link, index) => html`${index > 0 ? between : ''}${link}`)}</td>
    <td>${translate('run.needOf', { need: binding.need, count: binding.count })}</td>
    <td class="wide quiet">${binding.why}</td>
  </tr>`;
}

/** One line about an attempt: where it ran, how long, and how it ended. */
export function attemptFacts(attempt: Attempt): TemplateResult {
  const start = attempt.startedAt ?? attempt.claimedAt;
  return html`<p class="attempt" part="attempt">
    <hera-status of="attempt" state=${attempt.state} variant="chip"></hera-status>
    <span>${attempt.worker}</span>
    <span>${timeCell(start)}</span>
    <span>${formatDuration((attempt.endedAt ?? Date.now()) - start)}</span>
    ${
      attempt.exitCode === null
        ? nothing
        : html`<span>${translate('column.exitCode')} <code>${attempt.exitCode}</code></span>`
    }
    ${attempt.failure === null ? nothing : html`<span>${translateCode('failure', attempt.failure)}</span>`}
    ${attempt.message === null ? nothing : html`<span class="message">${attempt.message}</span>`}
    ${
      attempt.result === null
        ? nothing
        : html`<span>${translate('run.result')} <code class="result">${attempt.result}</code></span>`
    }
  </p>`;
}
