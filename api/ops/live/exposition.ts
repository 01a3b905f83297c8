/** One line of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

function valueOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

/** The samples whose metric `wants` to be kept; what is no sample, or no number, is left out. */
export function parseExposition(text: string, wants: (name: string) => boolean): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const end = line.search(/[{ ]/);
    if (end < 0 || !wants(line.slice(0, end))) continue;
    const [, name, inside, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined || Number.isNaN(valueOf(value))) continue;
    const labels: Record<string, string> = {};
    for (const [, label = '', given = ''] of (inside ?? '').matchAll(LABEL)) {
      labels[label] = given.replace(/\\[\\"n]/g, (escape) => ESCAPES[escape] ?? escape);
    }
    samples.push({ name, labels, value: valueOf(value) });
  }
  return samples;
}
