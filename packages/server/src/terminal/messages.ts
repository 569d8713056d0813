/** What the main commands say to people, in both languages. A text missing in one does not compile. */
const EN = {
  valid: (jobs: number, files: number) =>
    `${jobs} ${plural(jobs, 'job')} in ${files} ${plural(files, 'file')}: valid`,
  invalid: (problems: number) => `${problems} ${plural(problems, 'problem')}; nothing was loaded`,
  warning: 'warning',
  error: 'error',
  started: (address: string) => `Hera runs at ${address}`,
  signIn: (link: string) => `Sign in once with ${link}`,
  workersConnect: (address: string) => `Workers connect to ${address}`,
  enrollHint: (address: string, uses: number, hours: number) =>
    `on the new machine: hera-worker --server ${address} --token-file FILE · ` +
    `${uses} ${plural(uses, 'use')}, ${hours} h`,
  stopHint: (home: string) => `Data in ${home} · Ctrl-C stops it, jobs that run are finished later`,
  stopping: 'stopping …',
  exampleLoaded: (jobs: number) => `${jobs} example jobs are loaded, because the store is empty`,
  run: (jobs: number, workers: number) => `${jobs} ${plural(jobs, 'job')}, ${workers} at once`,
  resumed: (submission: string) => `continuing ${submission}`,
  nothingToResume: 'there is no unfinished submission of this file as it is now',
  runDone: (seconds: string) => `done in ${seconds}`,
  runEnded: (phase: string, seconds: string) => `${phase} after ${seconds}`,
  canceling: 'canceling; a second Ctrl-C does not wait',
  criticalPath: (seconds: string, share: string) => `critical path ${seconds} (${share} of the makespan):`,
  counts: (counts: string) => counts,
  failedRun: (run: string, reason: string) => `failed: ${run} (${reason})`,
  blockedRun: (run: string) => `never started: ${run}`,
  logHint: (path: string) => `output of all attempts: ${path}`,
  nothingBlocks: 'nothing keeps it from running',
  approved: (run: string, gates: string) => `${run}: approved (${gates})`,
  posted: (name: string, runs: number) =>
    `event ${name} posted; it opened gates of ${runs} ${plural(runs, 'run')}`,
  noIncidents: 'no incident is open',
  acknowledged: (incident: number) => `incident ${incident}: acknowledged`,
  released: (worker: string) => `${worker} takes work again, one attempt at a time until one succeeds`,
  incidentStates: { open: 'open', seen: 'acknowledged', closed: 'closed' },
  until: (time: string) => `until ${time}`,
  never: (expression: string) => `"${expression}" has no such time: it fires never, or no more`,
  storeGaveUp: (folder: string, seconds: number, isFull: boolean) =>
    `the store in ${folder} has not worked for ${seconds} s${isFull ? ': the disk is full' : ''}`,
  resumeHint: 'mend it, then go on with --resume: nothing that has succeeded is repeated',
  /** Titles of columns; one that is not here stands as it is. */
  titles: {} as Readonly<Record<string, string>>,
  ok: 'ok',
  missing: 'missing',
  phases: {
    none: 'none',
    waiting: 'waiting',
    queued: 'queued',
    running: 'running',
    backoff: 'backoff',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    skipped: 'skipped',
  },
};

const plural = (count: number, word: string) => (count === 1 ? word : `${word}s`);

/** The texts of one language. */
export type Messages = typeof EN;
/** Languages of the texts. */
export type Language = 'en' | 'zh';

const ZH: Messages = {
  valid: (jobs, files) => `${files} 个文件，${jobs} 个任务：有效`,
  invalid: (problems) => `${problems} 个问题；未加载任何内容`,
  warning: '警告',
  error: '错误',
  started: (address) => `Hera 已启动：${address}`,
  signIn: (link) => `一次性登录链接：${link}`,
  workersConnect: (address) => `工作节点连接地址：${address}`,
  enrollHint: (address, uses, hours) =>
    `在新机器上执行：hera-worker --server ${address} --token-file FILE · 可用 ${uses} 次，有效 ${hours} 小时`,
  stopHint: (home) => `数据目录 ${home} · 按 Ctrl-C 停止，运行中的任务稍后继续`,
  stopping: '正在停止……',
  exampleLoaded: (jobs) => `存储为空，已加载 ${jobs} 个示例任务`,
  run: (jobs, workers) => `${jobs} 个任务，并发 ${workers}`,
  resumed: (submission) => `继续执行 ${submission}`,
  nothingToResume: '此文件的当前版本没有未完成的提交',
  runDone: (seconds) => `完成，用时 ${seconds}`,
  runEnded: (phase, seconds) => `${phase}，用时 ${seconds}`,
  canceling: '正在取消；再次按 Ctrl-C 则不再等待',
  criticalPath: (seconds, share) => `关键路径 ${seconds}（占总用时 ${share}）：`,
  counts: (counts) => counts,
  failedRun: (run, reason) => `失败：${run}（${reason}）`,
  blockedRun: (run) => `未启动：${run}`,
  logHint: (path) => `全部日志：${path}`,
  nothingBlocks: '没有任何阻塞',
  approved: (run, gates) => `${run}：已审批（${gates}）`,
  posted: (name, runs) => `事件 ${name} 已发出，打开了 ${runs} 个运行的闸门`,
  noIncidents: '没有未关闭的事件',
  acknowledged: (incident) => `事件 ${incident}：已确认`,
  released: (worker) => `${worker} 重新接收任务，首次成功前每次只运行一个`,
  incidentStates: { open: '未处理', seen: '已确认', closed: '已关闭' },
  until: (time) => `直到 ${time}`,
  never: (expression) => `“${expression}”没有这样的时间：永不触发，或不再触发`,
  storeGaveUp: (folder, seconds, isFull) =>
    `${folder} 中的存储已 ${seconds} 秒不可用${isFull ? '：磁盘已满' : ''}`,
  resumeHint: '修复后用 --resume 继续：已成功的不会重复',
  titles: {
    job: '任务',
    date: '业务日期',
    slot: '批次',
    start: '开始',
    end: '结束',
    took: '用时',
    phase: '状态',
    why: '原因',
    check: '检查项',
    state: '状态',
    found: '结果',
    blocker: '阻塞',
    subject: '对象',
    until: '直到',
    details: '详情',
    id: '编号',
    opened: '发生时间',
    cause: '起因',
    failure: '失败类型',
    failed: '失败',
    blocked: '阻塞数',
    assignee: '负责人',
    message: '信息',
  },
  ok: '正常',
  missing: '缺失',
  phases: {
    none: '无',
    waiting: '等待',
    queued: '排队',
    running: '运行中',
    backoff: '等待重试',
    succeeded: '成功',
    failed: '失败',
    canceled: '已取消',
    skipped: '已跳过',
  },
};

/** All texts by language. */
export const MESSAGES: Readonly<Record<Language, Messages>> = { en: EN, zh: ZH };

/** The language a locale asks for: `zh_CN.UTF-8` is Chinese, everything else English. */
export const languageOf = (locale: string | undefined): Language => (/^zh/i.test(locale ?? '') ? 'zh' : 'en');
