import { element, fill } from './dom.mjs';
import { startConsole } from './shell.mjs';

startConsole({
  path: '/ops/summary',
  intervalMs: 2_000,
  render: (summary, content) => fill(content, element('pre', {}, JSON.stringify(summary, null, 2))),
});
