/** `hera worker enroll`: a token by which new workers come in. */
import type { CommandFunction } from '../../terminal/command.js';
import { connect } from '../../terminal/remote.js';

const HOUR_MS = 3_600_000;

interface EnrollFlags {
  readonly uses?: number;
  readonly hours?: number;
  readonly pool?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
}

export const workerEnroll: CommandFunction<EnrollFlags> = async (context, { options }) => {
  const { terminal } = context;
  const client = await connect(context);
  const { uses = 1, hours = 24, pool = [], label = {} } = options;
  const made = await client.createWorkerToken({
    body: { uses, lifeMs: hours * HOUR_MS, pools: [...pool], labels: label },
  });
  terminal.show(made, () => made.token);
  terminal.note(terminal.texts.enrollHint(made.address, uses, hours));
};
