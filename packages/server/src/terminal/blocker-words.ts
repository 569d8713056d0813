/**
 * What each blocker says to a person, and what would end it, in both languages. A code that is missing here
 * does not compile. Words in braces stand for the subject and the details of a blocker.
 */
import type { Blocker, BlockerCode } from '@hera/api';
import type { Language } from './messages.js';

type Words = readonly [text: string, cure: string];

const EN: Readonly<Record<BlockerCode, Words>> = {
  NOT_DUE: ['its time has not come', 'waits for its time; hera run-now runs it at once'],
  LOADING: ['older slots of {subject} are being read', 'ends by itself'],
  JOB_DISABLED: ['job {subject} is {state}', 'enable {subject}'],
  JOB_PAUSED: ['job {subject} is paused after failures', 'mend it, then enable {subject}'],
  BACKOFF: ['it failed and rests before the next try', 'ends by itself; hera resume tries at once'],
  UPSTREAM_WAITING: ['{subject} waits itself', 'hera why {subject}'],
  UPSTREAM_QUEUED: ['{subject} is ready and has not started', 'hera why {subject}'],
  UPSTREAM_RUNNING: ['{subject} runs', 'its success'],
  UPSTREAM_RETRYING: ['{subject} failed and is tried again', 'its success'],
  UPSTREAM_RERUNNING: ['{subject} is being run again', 'its success'],
  UPSTREAM_FAILED: ['{subject} failed', 'mend it and resume {subject}, or force it'],
  UPSTREAM_CANCELED: ['{subject} was canceled', 'resume {subject}, or force it'],
  UPSTREAM_SKIPPED: ['{subject} was skipped', 'resume {subject}, or force it'],
  UPSTREAM_UNKNOWN: [
    'how {subject} goes on is not known: its worker is lost',
    'the return of the worker, or hera resolve',
  ],
  UPSTREAM_NOT_DUE: ['{subject} is not due yet', 'its time'],
  UPSTREAM_DISABLED: ['the job of {subject} is {state}', 'enable it, or run {subject} and force it'],
  UPSTREAM_STALE: ['the success of {subject} is too old', 'resume {subject}'],
  UPSTREAM_MISSING: ['{subject} was never made: its job was not enabled then', 'backfill {subject}'],
  CATCH_UP: [
    'missed slots of {subject} are made up for a few at a time',
    'its turn; catchUp of the schedule',
  ],
  GATE_CHECK: ['check {gate} says {answer}', 'a yes; it is asked again'],
  GATE_EVENT: ['event {event} has not been posted for its slot', 'hera event {event}'],
  GATE_APPROVAL: ['it waits for approval {gate}', 'hera approve {subject}'],
  SELECTOR_EMPTY: ['no slot of {subject} matches', 'a slot of {subject}, or another selector'],
  PACE_UNKNOWN: ['nothing gives {subject} its slots', 'a schedule, or a pace that has one'],
  OVERLAP: ['another run of {subject} is active', 'its end; or overlap: allow'],
  CONCURRENCY: [
    'all places of key {subject} are taken by {holders}',
    'the end of one of them, or a higher limit',
  ],
  POOL_LIMIT: ['pool {subject} runs {running} of {max}', 'the end of one, or a higher runningMax'],
  POOL_UNKNOWN: ['there is no pool {subject}', 'define it, or start a worker in it'],
  POOL_NO_WORKER: ['pool {subject} has no worker that is connected', 'start a worker'],
  POOL_BUSY: ['every slot of pool {subject} is taken', 'the end of an attempt, or more slots'],
  KIND_MISSING: ['no worker of its pool runs {subject}', 'a worker with that kind'],
  LABELS_MISSING: ['no worker of its pool has the labels {subject}', 'a worker with those labels'],
  WORKERS_OVERLOADED: ['the workers of pool {subject} are over their load limits', 'less load'],
  WORKERS_WARMING: ['the workers of pool {subject} were just given work', 'ends by itself'],
  WORKERS_DRAINING: ['the workers of pool {subject} are being drained', 'undrain one, or start another'],
  WORKERS_QUARANTINED: ['workers {workers} are in quarantine', 'the next probe, or release them'],
  WORKERS_AVOIDED: ['it failed through the host of {workers}', 'another worker, or patience'],
  PLAN_PAUSED: ['{subject} is {state}', 'resume the plan'],
  PLAN_ORDER: ['{subject} comes first in the plan', 'its end'],
  PLAN_LIMIT: ['{subject} runs as much at once as it may', 'the end of a member, or a higher limit'],
  PLAN_HOURS: ['{subject} rests outside its hours', 'its hours'],
  HELD: ['{subject} holds back new starts', 'release it; hera operations says how'],
  FROZEN: ['{subject} freezes it', 'its end, or end it before: hera operations'],
  NOT_BEFORE: ['{subject} puts its start off', 'its time, or end it before: hera operations'],
  GROUP_LIMIT: ['{subject} is reached', 'the end of a run that counts, or a higher limit'],
  RATE_LIMIT: ['{subject} has started as many as it may', 'the next minute, or a higher limit'],
  ATTEMPT_ALIVE: ['attempt {subject} still lives', 'its end, or cancel it'],
  ATTEMPT_UNKNOWN: [
    'nothing is proved of attempt {subject}: its worker is lost',
    'the return of the worker, or hera resolve',
  ],
  ATTEMPT_CANCELING: ['attempt {subject} is being stopped', 'its verified death'],
  NO_EXECUTOR: ['no worker has the function of {subject}', 'a program that brings it'],
  CLOCK_HELD: ['the clock went back; slots are held', 'ends by itself'],
};

const ZH: Readonly<Record<BlockerCode, Words>> = {
  NOT_DUE: ['时间未到', '到时自动开始；hera run-now 可立即运行'],
  LOADING: ['正在读取 {subject} 更早的时间点', '自动结束'],
  JOB_DISABLED: ['任务 {subject} 的状态是 {state}', '启用 {subject}'],
  JOB_PAUSED: ['任务 {subject} 因连续失败被暂停', '修复后启用 {subject}'],
  BACKOFF: ['失败后等待重试', '自动重试；hera resume 可立即重试'],
  UPSTREAM_WAITING: ['{subject} 自己也在等待', 'hera why {subject}'],
  UPSTREAM_QUEUED: ['{subject} 已就绪，尚未开始', 'hera why {subject}'],
  UPSTREAM_RUNNING: ['{subject} 正在运行', '等它成功'],
  UPSTREAM_RETRYING: ['{subject} 失败，将重试', '等它成功'],
  UPSTREAM_RERUNNING: ['{subject} 正在重跑', '等它成功'],
  UPSTREAM_FAILED: ['{subject} 失败', '修复并恢复 {subject}，或强制置为成功'],
  UPSTREAM_CANCELED: ['{subject} 已取消', '恢复 {subject}，或强制置为成功'],
  UPSTREAM_SKIPPED: ['{subject} 被跳过', '恢复 {subject}，或强制置为成功'],
  UPSTREAM_UNKNOWN: ['{subject} 状态不明：机器丢失', '机器恢复，或 hera resolve'],
  UPSTREAM_NOT_DUE: ['{subject} 时间未到', '等到它的时间'],
  UPSTREAM_DISABLED: ['{subject} 的任务状态是 {state}', '启用它，或运行后强制置为成功'],
  UPSTREAM_STALE: ['{subject} 的成功已过期', '恢复 {subject}'],
  UPSTREAM_MISSING: ['{subject} 没有生成：当时任务未启用', '补跑 {subject}'],
  CATCH_UP: ['{subject} 错过的时间点正分批补跑', '轮到它时；可调大调度的 catchUp'],
  GATE_CHECK: ['检查 {gate} 的结果：{answer}', '检查通过；将再次检查'],
  GATE_EVENT: ['它的时间点还没有事件 {event}', 'hera event {event}'],
  GATE_APPROVAL: ['等待审批 {gate}', 'hera approve {subject}'],
  SELECTOR_EMPTY: ['{subject} 没有符合的时间点', '{subject} 有时间点，或换选择规则'],
  PACE_UNKNOWN: ['{subject} 没有时间点来源', '设置调度，或指定有调度的 pace'],
  OVERLAP: ['{subject} 的另一个运行未结束', '等它结束，或 overlap: allow'],
  CONCURRENCY: ['并发键 {subject} 的名额被 {holders} 占满', '其中一个结束，或调大上限'],
  POOL_LIMIT: ['机器组 {subject} 已运行 {running}/{max}', '有一个结束，或调大 runningMax'],
  POOL_UNKNOWN: ['没有机器组 {subject}', '定义它，或在其中启动机器'],
  POOL_NO_WORKER: ['机器组 {subject} 没有已连接的机器', '启动机器'],
  POOL_BUSY: ['机器组 {subject} 的槽位已满', '有尝试结束，或增加槽位'],
  KIND_MISSING: ['机器组中没有机器能运行 {subject}', '有该类型的机器'],
  LABELS_MISSING: ['机器组中没有机器带有标签 {subject}', '有这些标签的机器'],
  WORKERS_OVERLOADED: ['机器组 {subject} 的机器超过负载上限', '负载下降'],
  WORKERS_WARMING: ['机器组 {subject} 的机器刚接到运行', '自动结束'],
  WORKERS_DRAINING: ['机器组 {subject} 的机器正在下线', '恢复一台，或启动另一台'],
  WORKERS_QUARANTINED: ['机器 {workers} 已被隔离', '下次探测，或手动解除隔离'],
  WORKERS_AVOIDED: ['它因机器 {workers} 的故障失败过', '其他机器，或等待'],
  PLAN_PAUSED: ['{subject} 的状态是 {state}', '恢复计划'],
  PLAN_ORDER: ['计划中 {subject} 在前', '等它结束'],
  PLAN_LIMIT: ['{subject} 已到同时运行的上限', '有成员结束，或调大上限'],
  PLAN_HOURS: ['{subject} 在运行时段之外', '等到运行时段'],
  HELD: ['{subject} 暂停了新的启动', '解除它，方法见 hera operations'],
  FROZEN: ['{subject} 冻结了它', '等它到期，或提前结束：hera operations'],
  NOT_BEFORE: ['{subject} 推迟了它的开始', '等到时间，或提前结束：hera operations'],
  GROUP_LIMIT: ['{subject} 已到上限', '计入的运行结束，或调大上限'],
  RATE_LIMIT: ['{subject} 的启动速率已到上限', '等下一分钟，或调大上限'],
  ATTEMPT_ALIVE: ['尝试 {subject} 还活着', '等它结束，或取消它'],
  ATTEMPT_UNKNOWN: ['尝试 {subject} 无法证明状态：机器丢失', '机器恢复，或 hera resolve'],
  ATTEMPT_CANCELING: ['尝试 {subject} 正在停止', '确认进程已结束'],
  NO_EXECUTOR: ['没有机器带有 {subject} 的函数', '启动带该函数的程序'],
  CLOCK_HELD: ['时钟回拨，时间点暂停', '自动结束'],
};

/** What the blocker says and what would end it; a detail that it lacks stands as a dash. */
export function blockerWords(
  { code, subject, details }: Blocker,
  language: Language,
): { readonly text: string; readonly cure: string } {
  const [text, cure] = (language === 'zh' ? ZH : EN)[code];
  const known: Readonly<Record<string, string | number>> = { ...details, subject };
  const fill = (words: string) =>
    words.replaceAll(/\{(\w+)\}/g, (_, key: string) => String(known[key] ?? '–'));
  return { text: fill(text), cure: fill(cure) };
}
