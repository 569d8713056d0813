/** `hera validate`: everything that is wrong with definition files, with file and line. */
import { loadDefinitions } from '../../definitions/load.js';
import type { CommandFunction } from '../../terminal/command.js';
import { EXIT, problemText } from '../../terminal/exit.js';

export const validate: CommandFunction<{ readonly strict?: true }> = async ({ terminal }, call) => {
  const { texts } = terminal;
  const loaded = await loadDefinitions(call.args);
  const { problems, warnings, files, definitions } = loaded;
  const jobs = Object.keys(definitions.jobs ?? {}).length;
  const isValid = problems.length === 0 && (call.options.strict === undefined || warnings.length === 0);
  if (terminal.isForPrograms) {
    terminal.show({ valid: isValid, jobs, files, problems, warnings }, () => '');
  } else {
    for (const problem of problems) terminal.line(`${texts.error} ${problemText(problem)}`);
    for (const warning of warnings) terminal.line(`${texts.warning} ${problemText(warning)}`);
    if (isValid) terminal.line(texts.valid(jobs, files.length));
    else terminal.note(texts.invalid(problems.length + warnings.length));
  }
  return isValid ? EXIT.done : EXIT.usage;
};
