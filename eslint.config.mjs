import js from '@eslint/js';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';
import { steadfillRules } from './tools/lint-rules/index.mjs';

const LINES_PER_FILE_MAX = 250;
const LINES_PER_FUNCTION_MAX = 70;

const emptyCatch = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'An empty catch hides a fault: name the fault that is expected and rethrow the others.',
};
const defaultExport = { selector: 'ExportDefaultDeclaration', message: 'Use named exports only.' };
const exportAll = { selector: 'ExportAllDeclaration', message: 'Name what is exported again.' };
const everywhere = [emptyCatch, defaultExport, exportAll];
const readsClock = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Time comes in as an argument.',
  },
  { selector: 'CallExpression[callee.name="Date"]', message: 'Time comes in as an argument.' },
];
/** All orders of a worker share the modules of the bundle, so that what one of them kept there would reach another. */
const sharedState = {
  selector: ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
  message: 'Orders share this module: keep state in the order.',
};
const sharedCollection = {
  selector:
    ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(?:Map|Set|WeakMap|WeakSet|Array)$/]',
  message:
    'Orders share this module: keep state in the order, and give a constant set a type that cannot be written.',
};

const nodeBuiltins = {
  regex: `^(?:node:.*|(?:${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(?:/.*)?)$`,
  message: 'Deterministic code uses no Node built-ins.',
};
const randomIds = {
  group: ['@temporalio/workflow'],
  importNames: ['uuid4'],
  message: 'Ids in workflows are functions of their inputs (order id and a counter).',
};
const impureGlobals = [
  'process',
  'crypto',
  'performance',
  'fetch',
  'require',
  'Buffer',
  'global',
  'setImmediate',
].map((name) => ({ name, message: 'Domain and workflow code is deterministic: this is not.' }));
const timers = ['setTimeout', 'setInterval', 'queueMicrotask'].map((name) => ({
  name,
  message: 'The domain has no clock: waiting is the business of workflows.',
}));
const impureProperties = [
  { object: 'Math', property: 'random', message: 'Random values break replay.' },
  { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
  { object: 'globalThis', property: 'crypto', message: 'Random values break replay.' },
  { object: 'Number', property: 'parseFloat', message: 'Money is decimal: use domain/money/decimal.' },
];
const noParseFloat = [{ name: 'parseFloat', message: 'Money is decimal: use domain/money/decimal.' }];

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/', '.steadfill/', 'test/replay/histories/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', module: 'writable', require: 'readonly' },
    },
  },
  {
    // Pages for operations: modules that run in a browser, as they are.
    files: ['api/ops/console/assets/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'window', 'sessionStorage', 'location', 'fetch', 'performance', 'Node', 'AbortSignal']
          .concat(['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'URLSearchParams'])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.k6.mjs'],
    languageOptions: { globals: { open: 'readonly', __ENV: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    plugins: { steadfill: steadfillRules },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', ...everywhere],
      'steadfill/no-async-validator': 'error',
      'steadfill/no-decimal-arithmetic': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // A port may be asynchronous where one of its adapters has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Their reports are about taste, and they are among the slowest rules.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', { max: LINES_PER_FILE_MAX }],
      'max-lines-per-function': [
        'error',
        { max: LINES_PER_FUNCTION_MAX, skipBlankLines: true, skipComments: true },
      ],
    },
  },
  {
    files: ['{domain,activities,api,workflows,venues,workers,storage,config,observability}/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', ...noParseFloat],
      'no-restricted-properties': ['error', ...impureProperties.filter(({ object }) => object === 'Number')],
    },
  },
  {
    files: ['domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals, ...timers, ...noParseFloat],
      'no-restricted-properties': ['error', ...impureProperties],
      'no-restricted-imports': ['error', { patterns: [nodeBuiltins] }],
      'no-restricted-syntax': ['error', ...everywhere, ...readsClock, sharedState],
    },
  },
  {
    files: [
      'workflows/**/*.ts',
      'observability/{workflow-*,traceparent}.ts',
      'temporal-config/search-attributes.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, sharedState, sharedCollection] },
  },
  {
    // In the sandbox `Date` is the workflow's own deterministic clock, so here it is allowed.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals, ...noParseFloat],
      'no-restricted-properties': ['error', ...impureProperties.filter(({ object }) => object !== 'Date')],
      'no-restricted-imports': ['error', { patterns: [nodeBuiltins, randomIds] }],
    },
  },
  {
    // The one place that knows where a number holds a decimal exactly.
    files: ['domain/money/decimal.ts'],
    rules: { 'steadfill/no-decimal-arithmetic': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'steadfill/no-decimal-arithmetic': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
