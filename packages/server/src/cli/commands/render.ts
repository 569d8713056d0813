/** `hera render`: the script of a job as it would run for a slot. */
import { previewScript } from '@hera/core';
import { readConfig } from '../../config.js';
import type { CommandFunction } from '../../terminal/command.js';
import { loadValid } from '../../terminal/load-valid.js';

interface RenderFlags {
  readonly file: string;
  readonly for?: string;
  readonly area?: string;
  readonly explain?: true;
  readonly param: Readonly<Record<string, string>>;
}

export const renderJob: CommandFunction<RenderFlags> = async (context, { args: [job = ''], options }) => {
  const { terminal, environment } = context;
  const config = readConfig(environment);
  const { definitions } = await loadValid([options.file]);
  const nowMs = Date.now();
  const area = options.area ?? config.area;
  const preview = previewScript(definitions, job, {
    slot: options.for ?? new Date(nowMs).toISOString(),
    nowMs,
    zone: config.zone,
    params: options.param,
    ...(area !== '' && { area }),
  });
  if (terminal.isForPrograms) {
    terminal.show(preview, () => '');
    return;
  }
  terminal.raw(preview.text.endsWith('\n') ? preview.text : `${preview.text}\n`);
  for (const name of preview.unknown)
    terminal.note(`${shown(name)} stands for nothing here and stays as it is`);
  if (options.explain === undefined) return;
  terminal.note('');
  for (const { key, value, source, origin } of preview.parts) {
    terminal.note(`${shown(key)} = ${value}  (${origin === null ? source : `${source}, ${origin}`})`);
  }
};

/** As the script has it; a date comes with its braces. */
const shown = (key: string) => (key.startsWith('${') ? key : `\${${key}}`);
