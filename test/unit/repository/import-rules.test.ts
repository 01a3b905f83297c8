import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';

// Goal: every import rule fires on code that breaks it, and none fires on code that keeps them all.
// Method: a small tree for each is written to a temporary folder and judged by the rules of this repository.

const REPOSITORY = resolve(__dirname, '../../..');
const config = createRequire(__filename)(join(REPOSITORY, '.dependency-cruiser.cjs')) as {
  forbidden: IForbiddenRuleType[];
  options: ICruiseOptions;
};

type Tree = Record<string, string>;

const PACKAGE_JSON = JSON.stringify({
  name: 'fixture',
  dependencies: { 'decimal.js': '1', express: '1', '@temporalio/workflow': '1', '@temporalio/common': '1' },
  devDependencies: { 'fast-check': '1' },
});
const PACKAGES: Tree = Object.fromEntries(
  ['decimal.js', 'express', '@temporalio/workflow', '@temporalio/common', 'fast-check'].flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
    [`node_modules/${name}/index.js`, 'exports.value = 1;'],
  ]),
);

/** For each rule, a tree that breaks it. A bare name imports a package, a path from the root imports a file. */
const VIOLATIONS: Record<string, Tree> = {
  'no-circular': { 'domain/order/a.ts': uses('domain/order/b'), 'domain/order/b.ts': uses('domain/order/a') },
  'no-unresolvable': { 'domain/order/a.ts': uses('domain/order/nowhere') },
  'no-orphans': { 'storage/alone.ts': 'export const value = 1;' },
  'domain-imports-domain-only': { 'domain/order/a.ts': uses('config/leaf'), ...leaf('config/leaf') },
  'domain-packages': { 'domain/order/a.ts': uses('express') },
  'domain-capabilities-are-apart': {
    'domain/risk/a.ts': uses('domain/settlement/leaf'),
    ...leaf('domain/settlement/leaf'),
  },
  'domain-kernel-knows-no-capability': {
    'domain/order/a.ts': uses('domain/risk/leaf'),
    ...leaf('domain/risk/leaf'),
  },
  'workflows-import-domain-and-ports-only': {
    'workflows/a.ts': uses('storage/leaf'),
    ...leaf('storage/leaf'),
  },
  'search-attribute-schema-is-pure': { 'temporal-config/search-attributes.ts': uses('express') },
  'workflow-metrics-are-pure': {
    'observability/metrics/order-flow.ts': uses('observability/leaf'),
    ...leaf('observability/leaf'),
  },
  'workflows-take-only-types-from-ports': {
    'workflows/a.ts': uses('activities/risk/risk.port'),
    ...leaf('activities/risk/risk.port'),
  },
  'workflows-packages': { 'workflows/a.ts': uses('node:fs') },
  'activity-capabilities-are-apart': {
    'activities/risk/a.ts': uses('activities/settlement/leaf'),
    ...leaf('activities/settlement/leaf'),
  },
  'activities-know-workflows-by-messages': {
    'activities/risk/a.ts': uses('workflows/leaf'),
    ...leaf('workflows/leaf'),
  },
  'api-never-imports-activities': {
    'api/a.ts': uses('activities/risk/risk.port', 'type'),
    ...leaf('activities/risk/risk.port'),
  },
  'api-knows-workflows-by-messages': { 'api/a.ts': uses('workflows/leaf'), ...leaf('workflows/leaf') },
  'venue-protocol-stays-at-the-venue': {
    'api/a.ts': uses('venues/simulator/leaf'),
    ...leaf('venues/simulator/leaf'),
  },
  'venues-know-only-the-execution-port': {
    'venues/fix/a.ts': uses('activities/risk/risk.port'),
    ...leaf('activities/risk/risk.port'),
  },
  'infrastructure-knows-no-business': { 'storage/a.ts': uses('venues/leaf'), ...leaf('venues/leaf') },
  'entry-points-are-not-libraries': { 'workers/a.ts': uses('api/leaf'), ...leaf('api/leaf') },
  'product-never-imports-tools-or-tests': { 'api/a.ts': uses('tools/leaf'), ...leaf('tools/leaf') },
  'tools-never-import-tests': { 'tools/a.ts': uses('test/leaf'), ...leaf('test/leaf') },
  'no-development-packages-in-the-product': { 'api/a.ts': uses('fast-check') },
};

const ALLOWED: Tree = {
  'domain/risk/a.ts': `${uses('domain/money/leaf')}\n${uses('decimal.js')}`,
  ...leaf('domain/money/leaf'),
  'workflows/order/a.ts': [
    uses('domain/risk/a'),
    uses('activities/risk/risk.port', 'type'),
    uses('@temporalio/workflow'),
    uses('temporal-config/search-attributes'),
    uses('observability/metrics/order-flow'),
  ].join('\n'),
  'workflows/order/order-messages.ts': uses('@temporalio/workflow'),
  'temporal-config/search-attributes.ts': uses('@temporalio/common'),
  ...leaf('observability/metrics/order-flow'),
  'activities/risk/risk.port.ts': uses('domain/money/leaf', 'type'),
  'activities/execution/gateway.ts': `${uses('venues/simulator/leaf')}\n${uses('workflows/order/order-messages')}`,
  'activities/execution/execution.port.ts': uses('domain/money/leaf', 'type'),
  'venues/venue-port.ts': uses('activities/execution/execution.port', 'type'),
  ...leaf('venues/simulator/leaf'),
  'api/risk/a.ts': `${uses('express')}\n${uses('workflows/order/order-messages')}\n${uses('venues/venue-port', 'type')}`,
  'workers/main.ts': `${uses('activities/execution/gateway')}\n${uses('node:fs')}`,
  'tools/start.ts': `${uses('workers/main')}\n${uses('api/risk/a')}\n${uses('workflows/order/a')}`,
};

/** One import of a package or of a file given from the root; the path is made relative when the file is written. */
function uses(target: string, kind: 'value' | 'type' = 'value'): string {
  const name = target.replace(/\W/g, '_');
  const keyword = kind === 'type' ? 'import type' : 'import';
  return `${keyword} { value as ${name} } from '@root/${target}';\nexport type Used${name} = typeof ${name};`;
}
function leaf(path: string): Tree {
  return { [`${path}.ts`]: 'export const value = 1;' };
}

async function write(root: string, tree: Tree): Promise<void> {
  for (const [path, text] of Object.entries({ 'package.json': PACKAGE_JSON, ...PACKAGES, ...tree })) {
    const up = '../'.repeat(path.split('/').length - 1) || './';
    const isLocal = (target: string): boolean => target.includes('/') && !target.startsWith('@');
    const local = text.replace(/@root\/([^']+)/g, (_, target: string) =>
      isLocal(target) ? up + target : target,
    );
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), local);
  }
}

describe('import rules', function () {
  this.timeout(60_000);
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'steadfill-imports-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function violations(tree: Tree): Promise<string[]> {
    await write(root, tree);
    const { cruise } = await import('dependency-cruiser');
    const folders = [...new Set(Object.keys(tree).map((path) => path.split('/')[0]!))];
    const { tsConfig: _, cache: __, ...options } = config.options;
    const result = await cruise(folders, {
      ...options,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: config.forbidden },
    });
    return (result.output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
  }

  it('has a violation to prove each rule with', () => {
    assert.deepEqual(Object.keys(VIOLATIONS).sort(), config.forbidden.map(({ name }) => name).sort());
  });

  for (const [rule, tree] of Object.entries(VIOLATIONS)) {
    it(`${rule} fires`, async () => {
      const found = await violations(tree);
      assert.ok(found.includes(rule), `only ${found.join(', ') || 'nothing'} was reported`);
    });
  }

  it('allow what the architecture allows', async () => {
    assert.deepEqual(await violations(ALLOWED), []);
  });
});
