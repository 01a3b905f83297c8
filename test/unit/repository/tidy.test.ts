import assert from 'node:assert/strict';
import { readRepositoryFile, repositoryFiles } from './source-files';

// Goal: the habits that no compiler or linter checks stay habits.
// Method: each one is a test over every file of the working tree, and names the files that break it.

const LINES_MAX = 250;
const CODE = /\.(ts|mjs|cjs)$/;
/** Files whose names tools prescribe. */
const PRESCRIBED_NAMES =
  /^(CODEOWNERS|README\.md|LICENSE|NOTICE|CONTRIBUTING\.md|CHANGELOG\.md|SECURITY\.md|Dockerfile)$/;
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Words of unfinished work, spelled in two parts so that this file does not find itself. */
const BANNED = [
  'to' + 'do',
  'fix' + 'me',
  'x' + 'xx',
  't' + 'bd',
  'ha' + 'ck',
  'klu' + 'dge',
  'not ' + 'implemented',
];
const BANNED_WORD = new RegExp(`\\b(${BANNED.join('|')})\\b`, 'i');
/** Paths of one person's machine; `/tmp` and home folders are found by asking the system. */
const MACHINE_PATH = /(^|[\s"'`(=:])\/(home|Users|root|work|private|tmp)\/[\w.-]/;

const files = repositoryFiles();
const code = files.filter((path) => CODE.test(path));
const texts = files.filter(
  (path) => /\.(ts|mjs|cjs|md|json|ya?ml|html|css|sh)$/.test(path) && path !== 'package-lock.json',
);

function linesThat(path: string, matches: (line: string) => boolean): string[] {
  return readRepositoryFile(path)
    .split('\n')
    .flatMap((line, index) => (matches(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : []));
}

describe('repository', () => {
  it(`has source files of at most ${LINES_MAX} lines`, () => {
    const long = code
      .filter((path) => !path.startsWith('test/'))
      .map((path) => ({ path, lines: readRepositoryFile(path).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > LINES_MAX);
    assert.deepEqual(long, []);
  });

  it('has kebab-case file names', () => {
    const odd = files.filter((path) => {
      const name = path.split('/').at(-1) ?? '';
      return !PRESCRIBED_NAMES.test(name) && !KEBAB.test(name);
    });
    assert.deepEqual(odd, []);
  });

  it('has named exports only', () => {
    // Tools that ask for a default export get one from their own configuration file, and from nowhere else.
    const allowed = new Set(['eslint.config.mjs']);
    const found = code
      .filter((path) => !allowed.has(path) && !path.startsWith('test/unit/repository/'))
      .flatMap((path) => linesThat(path, (line) => /^export default\b/.test(line)));
    assert.deepEqual(found, []);
  });

  it('has no words of unfinished work', () => {
    assert.deepEqual(
      texts.flatMap((path) => linesThat(path, (line) => BANNED_WORD.test(line))),
      [],
    );
  });

  it('names no path of one machine', () => {
    assert.deepEqual(
      texts.flatMap((path) => linesThat(path, (line) => MACHINE_PATH.test(line))),
      [],
    );
  });

  it('has Unix line ends and a newline at the end of each file', () => {
    const odd = texts.filter((path) => {
      const text = readRepositoryFile(path);
      return text.includes('\r\n') || (text !== '' && !text.endsWith('\n'));
    });
    assert.deepEqual(odd, []);
  });

  it('gives every capability an owner', () => {
    const owners = readRepositoryFile('.github/CODEOWNERS');
    for (const capability of ['order-entry', 'risk', 'execution', 'settlement', 'reporting']) {
      assert.match(owners, new RegExp(`^\\*\\*/${capability}/ +@`, 'm'));
    }
  });

  it('shares one version among the Temporal packages', () => {
    const { dependencies, devDependencies } = JSON.parse(readRepositoryFile('package.json')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const versions = Object.entries({ ...dependencies, ...devDependencies })
      .filter(([name]) => name.startsWith('@temporalio/'))
      .map(([, version]) => version);
    assert.equal(new Set(versions).size, 1);
  });
});
