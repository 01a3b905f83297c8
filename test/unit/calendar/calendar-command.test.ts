import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

function calendar(...args: string[]) {
  const options = { cwd: ROOT, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, ['--import', 'tsx', 'tools/calendar/main.ts', ...args], options);
}

describe('npm run calendar', () => {
  it('prints the sessions of a year as CSV, and nothing else', () => {
    const { status, stdout, stderr } = calendar('XHKG', '2013');
    const lines = stdout.trimEnd().split('\n');
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assert.equal(lines[0], 'date,open,close,breakStart,breakEnd');
    assert.equal(
      lines[1],
      '2013-01-02,2013-01-02T01:30:00Z,2013-01-02T08:00:00Z,2013-01-02T04:00:00Z,2013-01-02T05:00:00Z',
    );
    assert.equal(lines.length, 1 + 244);
  });

  it('prints the line of one day, or "closed"', () => {
    assert.equal(
      calendar('XNYS', '2013-10-07').stdout,
      '2013-10-07,2013-10-07T13:30:00Z,2013-10-07T20:00:00Z,,\n',
    );
    assert.equal(calendar('XNYS', '2012-10-29').stdout, 'closed\n');
  });

  it('answers a question that it cannot answer on stderr, with the way out and exit code 2', () => {
    for (const args of [
      [],
      ['XNYS'],
      ['XPAR', '2013'],
      ['XNYS', '2006'],
      ['XNYS', '2013-02-30'],
      ['XNYS', 'soon'],
    ]) {
      const { status, stdout, stderr } = calendar(...args);
      assert.equal(status, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /^calendar: .+\n\nUsage: npm run --silent calendar -- MIC YEAR\|DATE/);
    }
  }).timeout(60_000);
});
