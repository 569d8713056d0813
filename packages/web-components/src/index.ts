/**
 * The classes of the elements, without registering them; `./define.js` beside each registers it. And what a
 * page needs around them: sources, settings and tokens.
 */
export { HeraApp } from './elements/app/app.js';
export { HeraConfirm } from './elements/confirm/confirm.js';
export type { Question } from './elements/confirm/confirm.js';
export { HeraDag } from './elements/dag/dag.js';
export { HeraJobTable } from './elements/job-table/job-table.js';
export type { JobTableData } from './elements/job-table/job-table.js';
export { HeraLogView } from './elements/log-view/log-view.js';
export { HeraNow } from './elements/now/now.js';
export { HeraRunDetail } from './elements/run-detail/run-detail.js';
export type { RunDetailData } from './elements/run-detail/run-detail.js';
export { HeraFilterEvent, HeraRunTable } from './elements/run-table/run-table.js';
export { HeraStatus } from './elements/status/status.js';
export { HeraNavigateEvent, parseRoute, routeHref } from './navigate.js';
export type { Route } from './navigate.js';
export { changeSettings, LOCALES, onSettings, settings } from './settings.js';
export type { Locale, Settings } from './settings.js';
export type { LogPlace, PageQuery, RunQuery, Source, SourceChange, Started } from './source.js';
export { createHttpSource } from './sources/http.js';
export type { HttpSourceOptions } from './sources/http.js';
export { adoptTokens, COLORS, LOG_COLORS, STATE_COLORS, TOKENS_CSS } from './tokens.js';
export type { ColorPair, StateKind } from './tokens.js';
