import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ESLint as EslintType } from 'eslint';

// Goal: the rules that guard determinism, money and promises fire on a mistake and stay silent beside it.
// Method: each case is a file in a temporary folder, linted by the configuration of this repository with types.

const REPOSITORY = resolve(__dirname, '../../..');

interface Case {
  path: string;
  code: string;
  /** Rule that must report, or undefined when nothing may. */
  rule?: string;
}

const DECIMALS =
  "import { decimal } from '../money/decimal';\nconst a = decimal('9');\nconst b = decimal('10');\n";
const CASES: Record<string, Case> = {
  'clock in the domain': domain('export const at = Date.now();', 'no-restricted-properties'),
  'new Date() in the domain': domain('export const at = new Date();', 'no-restricted-syntax'),
  'a given time in the domain': domain("export const at = new Date('2026-01-02T00:00:00Z');"),
  'Math.random in the domain': domain('export const n = Math.random();', 'no-restricted-properties'),
  'a timer in the domain': domain(
    'export const t = setTimeout(() => undefined, 1);',
    'no-restricted-globals',
  ),
  'process in the domain': domain('export const home = process.env;', 'no-restricted-globals'),
  'a Node built-in in the domain': domain(
    "import { randomUUID } from 'crypto';\nexport const id = randomUUID();",
    'no-restricted-imports',
  ),
  'comparing decimals as text': domain(
    `${DECIMALS}export const less = a < b;`,
    'steadfill/no-decimal-arithmetic',
  ),
  'joining decimals with +': domain(`${DECIMALS}export const s = a + b;`, 'steadfill/no-decimal-arithmetic'),
  'a decimal as a number': domain(
    `${DECIMALS}export const n = [Number(a), b];`,
    'steadfill/no-decimal-arithmetic',
  ),
  'a decimal with unary plus': domain(
    `${DECIMALS}export const n = [+a, b];`,
    'steadfill/no-decimal-arithmetic',
  ),
  'equality of canonical decimals': domain(`${DECIMALS}export const same = a === b;`),
  'parseFloat in the domain': domain("export const n = parseFloat('1');", 'no-restricted-globals'),
  'Number.parseFloat in the domain': domain(
    "export const n = Number.parseFloat('1');",
    'no-restricted-properties',
  ),
  'parseFloat in the API': {
    path: 'api/a.ts',
    code: "export const n = parseFloat('1');",
    rule: 'no-restricted-globals',
  },
  'Math.random in a workflow': {
    path: 'workflows/a.ts',
    code: 'export const n = Math.random();',
    rule: 'no-restricted-properties',
  },
  'the clock of the sandbox': {
    path: 'workflows/a.ts',
    code: 'export const at = (): [Date, number] => [new Date(), Date.now()];',
  },
  'uuid4 in a workflow': {
    path: 'workflows/a.ts',
    code: "import { uuid4 } from '@temporalio/workflow';\nexport const id = uuid4();",
    rule: 'no-restricted-imports',
  },
  'an async validator': validator('async () => { await Promise.resolve(); }', 'steadfill/no-async-validator'),
  'a validator that returns a promise': validator('later', 'steadfill/no-async-validator'),
  'a synchronous validator': validator('() => undefined'),
  'a promise nobody waits for': api(
    'export function f(): void { Promise.resolve(1); }',
    '@typescript-eslint/no-floating-promises',
  ),
  'an empty catch with an excuse': api(
    'export function f(g: () => void): void {\n  try {\n    g();\n  } catch {\n    // It may fail.\n  }\n}',
    'no-restricted-syntax',
  ),
  'a default export': api('export default 1;', 'no-restricted-syntax'),
  'export *': api("export * from './b';", 'no-restricted-syntax'),
  any: api('export const f = (a: any): unknown => a;', '@typescript-eslint/no-explicit-any'),
  'a non-null assertion': api(
    'export const f = (a?: string): string => a!;',
    '@typescript-eslint/no-non-null-assertion',
  ),
  'a value import used as a type': api(
    "import { B } from './b';\nexport const f = (b: B): B => b;",
    '@typescript-eslint/consistent-type-imports',
  ),
  'a switch that forgets a case': api(
    "export function f(s: 'a' | 'b'): number {\n  switch (s) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}",
    '@typescript-eslint/switch-exhaustiveness-check',
  ),
  'a long file': api(`${'// A line.\n'.repeat(250)}export const a = 1;`, 'max-lines'),
  'a long function': api(`export function f(): void {\n${'  f();\n'.repeat(70)}}`, 'max-lines-per-function'),
  'printing in the product': api("console.log('hello');\nexport const a = 1;", 'no-console'),
};

function domain(code: string, rule?: string): Case {
  return { path: 'domain/order/a.ts', code, ...(rule === undefined ? {} : { rule }) };
}
function api(code: string, rule?: string): Case {
  return { path: 'api/a.ts', code, ...(rule === undefined ? {} : { rule }) };
}
function validator(expression: string, rule?: string): Case {
  const code = [
    "import { defineUpdate, setHandler } from '@temporalio/workflow';",
    'const later = (): Promise<void> => Promise.resolve();',
    `export const options = { validator: ${expression} };`,
    "export const u = defineUpdate<void, []>('u');",
    `setHandler(u, later, { validator: ${expression} });`,
  ];
  return { path: 'workflows/a.ts', code: code.join('\n'), ...(rule === undefined ? {} : { rule }) };
}

describe('lint rules', function () {
  this.timeout(60_000);
  let root: string;
  const reported = new Map<string, Set<string>>();

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'steadfill-lint-'));
    for (const file of ['tsconfig.json', 'package.json', 'domain/money/decimal.ts']) {
      await cp(join(REPOSITORY, file), join(root, file));
    }
    await symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
    const paths = new Map<string, string>();
    for (const [index, [name, { path, code }]] of Object.entries(CASES).entries()) {
      const unique = path.replace('a.ts', `case-${index}.ts`);
      paths.set(join(root, unique), name);
      await mkdir(dirname(join(root, unique)), { recursive: true });
      await writeFile(join(root, unique), `${code}\n`);
    }
    await writeFile(join(root, 'api/b.ts'), 'export interface B {\n  a: string;\n}\n');
    const { ESLint } = (await import('eslint')) as { ESLint: typeof EslintType };
    const eslint = new ESLint({ cwd: root, overrideConfigFile: join(REPOSITORY, 'eslint.config.mjs') });
    for (const { filePath, messages } of await eslint.lintFiles([...paths.keys()])) {
      reported.set(
        paths.get(filePath) ?? filePath,
        new Set(messages.map(({ ruleId, message }) => ruleId ?? message)),
      );
    }
  });
  after(() => rm(root, { recursive: true, force: true }));

  for (const [name, { rule }] of Object.entries(CASES)) {
    it(`${rule === undefined ? 'allow' : 'report'} ${name}`, () => {
      const rules = [...(reported.get(name) ?? ['not linted'])];
      if (rule === undefined) assert.deepEqual(rules, []);
      else assert.ok(rules.includes(rule), `${rule} is missing in: ${rules.join(', ') || 'nothing'}`);
    });
  }
});
