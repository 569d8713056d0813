/** Where something stands in a definition, as text: `jobs.dws_gmv.retry.on[0]`, `config["EU.name"]`. */
export type PathStep = string | number;

const PLAIN_KEY = /^[^\s.[\]"]+$/;

/** Text of a path; a key with a dot, bracket, space or quote stands in `["…"]`. */
export function pathText(steps: readonly PathStep[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!PLAIN_KEY.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** Reverses `pathText`; what it does not understand is left out at the end. */
export function parsePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  const part = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^\s.[\]"]+)/gy;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const [, index, quoted, plain] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(JSON.parse(quoted) as string);
    else if (plain !== undefined) steps.push(plain);
  }
  return steps;
}
