import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseStartOptions } from '../../../tools/start/options';

describe('options of npm start', () => {
  // A refused option is told on standard error, which must not litter the report of the tests.
  const write = process.stderr.write.bind(process.stderr);
  let told = '';
  beforeEach(() => {
    told = '';
    process.stderr.write = (text: string | Uint8Array): boolean => ((told += String(text)), true);
  });
  afterEach(() => (process.stderr.write = write));

  it('are all optional', () => assert.deepEqual(parseStartOptions([]), {}));

  it('name a market with its speed and start, relative to where the user stands', () => {
    const before = process.env['INIT_CWD'];
    process.env['INIT_CWD'] = __dirname;
    try {
      assert.deepEqual(
        parseStartOptions([
          '--market',
          'options.test.ts',
          '--speed',
          '2.5',
          '--from',
          '14:00',
          '--port',
          '0',
        ]),
        { market: resolve(__filename), speed: 2.5, from: '14:00', port: 0 },
      );
    } finally {
      if (before === undefined) delete process.env['INIT_CWD'];
      else process.env['INIT_CWD'] = before;
    }
  });

  it('name a file of instruments', () => {
    assert.deepEqual(parseStartOptions(['--instruments', __filename]), { instruments: __filename });
    assert.deepEqual(parseStartOptions(['--instruments', '/no/such/file']), { exitCode: 2 });
  });

  it('are refused when they make no sense', () => {
    for (const [args, why] of [
      [['--port', '70000'], /must be 0 to 65535/],
      [['--port', 'x'], /must be 0 to 65535/],
      [['--market', '/no/such/file'], /cannot be read/],
      [['--market', __filename, '--speed', '0'], /must be above 0/],
      [['--speed', '2'], /need --market/],
      [['--colour'], /unknown option/],
    ] as const) {
      assert.deepEqual(parseStartOptions(args), { exitCode: 2 }, args.join(' '));
      assert.match(told, why);
    }
  });
});
