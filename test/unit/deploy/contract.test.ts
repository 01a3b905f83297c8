import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import fc from 'fast-check';
import {
  compareData,
  compareSurroundings,
  type BuildContract,
} from '../../../tools/deploy/contract/build-contract';
import { compareApis } from '../../../tools/deploy/contract/compare-apis';
import { compareShapes } from '../../../tools/deploy/contract/compare-shapes';
import { apiContract } from '../../../tools/deploy/contract/api-contract';
import { EXCHANGED_TYPES } from '../../../tools/deploy/contract/exchanged-types';
import { runtimeContract } from '../../../tools/deploy/contract/runtime-contract';
import { typeContract } from '../../../tools/deploy/contract/type-contract';
import { sourceTree, type Edit } from '../../support/build-tree';
import type { JsonShape } from '../../../tools/deploy/contract/json-shape';

// Goal: two builds that cannot understand each other's data are told apart from two that can, and each break is named.
// Method: the contract of this tree against copies of it that were changed as a careless commit would.

const ROOT = resolve(__dirname, '../../..');
const EVENTS = 'domain/order/order-events.ts';
const VIEW = 'domain/order/order-view.ts';

const contractOf = (dir: string): BuildContract => ({
  types: typeContract(dir),
  runtime: runtimeContract(dir),
});
const breaksBetween = (writer: JsonShape, reader: JsonShape): string[] =>
  compareShapes({ shape: writer }, { shape: reader }, 'x').breaks;

describe('contract of a build', function () {
  this.timeout(60_000);
  const own = contractOf(ROOT);
  /** Loading a tree is dear, so a test loads only what it is about. */
  const changed = (...edits: Edit[]): BuildContract => ({ ...own, types: typeContract(sourceTree(edits)) });
  const reloaded = (...edits: Edit[]): BuildContract => ({
    ...own,
    runtime: runtimeContract(sourceTree(edits)),
  });

  it('describes every type that is exchanged, and reads its own', () => {
    assert.deepEqual(Object.keys(own.types).sort(), EXCHANGED_TYPES.map(({ name }) => name).sort());
    assert.deepEqual(compareData(own, own).breaks, []);
    assert.deepEqual(compareSurroundings(own.runtime, own.runtime).breaks, []);
  });

  it('lets fields be added that an older reader may ignore, and says so', () => {
    const next = changed({
      file: VIEW,
      from: '  venueOrderId: string | null;',
      to: '  venueOrderId: string | null;\n  desk?: string;',
    });
    assert.deepEqual(compareData(next, own).breaks, []);
    assert.deepEqual(compareData(own, next).breaks, []);
    assert.ok(compareData(next, own).unseen.includes('orderView.desk'));
  });

  it('names a field that went, one that became necessary, and one that changed its type', () => {
    const removed = changed({ file: VIEW, from: '  enteredBy: string;\n', to: '' });
    assert.ok(
      compareData(removed, own).breaks.some((text) => /orderView\.enteredBy is not written/.test(text)),
    );
    const needed = changed({
      file: VIEW,
      from: '  sequence: number;',
      to: '  sequence: number;\n  desk: string;',
    });
    assert.deepEqual(compareData(needed, own).breaks, []);
    assert.ok(compareData(own, needed).breaks.some((text) => /orderView\.desk is not written/.test(text)));
    const optional = changed({ file: VIEW, from: '  enteredBy: string;', to: '  enteredBy?: string;' });
    assert.ok(
      compareData(optional, own).breaks.some((text) => /orderView\.enteredBy may be absent/.test(text)),
    );
    assert.deepEqual(compareData(own, optional).breaks, []);
    const retyped = changed({ file: VIEW, from: '  sequence: number;', to: '  sequence: string;' });
    assert.ok(
      compareData(retyped, own).breaks.some((text) => /orderView\.sequence may be string/.test(text)),
    );
  });

  it('names an event and a state that the other build does not know', () => {
    const event = changed({
      file: EVENTS,
      from: "  | { type: 'riskReserved'",
      to: "  | { type: 'orderFrozen' }\n  | { type: 'riskReserved'",
    });
    assert.ok(
      compareData(event, own).breaks.some((text) =>
        /orderEvent may be the variant type="orderFrozen"/.test(text),
      ),
    );
    const state = changed({
      file: 'domain/order/order-types.ts',
      from: "  'unknown',\n] as const",
      to: "  'unknown',\n  'frozen',\n] as const",
    });
    assert.ok(compareData(state, own).breaks.some((text) => /orderView\.state may be "frozen"/.test(text)));
    assert.deepEqual(compareData(own, state).breaks, []);
  });

  it('reads events of version 1 through upcasting, and refuses a version that asks for a newer reader', () => {
    const older = changed(
      { file: EVENTS, from: 'ORDER_EVENT_VERSION = 2', to: 'ORDER_EVENT_VERSION = 1' },
      { file: EVENTS, from: '    build: string | null;\n', to: '' },
      { file: EVENTS, from: " & Partial<Pick<OrderEvent, 'build'>>", to: '' },
    );
    assert.deepEqual(compareData(older, own).breaks, []);
    assert.deepEqual(compareData(own, older).breaks, []);
    const next = reloaded({ file: EVENTS, from: 'READABLE_FROM = 1', to: 'READABLE_FROM = 3' });
    assert.match(compareData(next, own).breaks.join(), /need a reader of version 3/);
  });

  it('names settings, messages and search attributes that the candidate would not run with', () => {
    const setting = reloaded({
      file: 'config/config.ts',
      from: '  STEADFILL_API_HOST:',
      to: '  STEADFILL_DESK: z.string(),\n  STEADFILL_API_HOST:',
    });
    assert.match(
      compareSurroundings(own.runtime, setting.runtime).breaks.join(),
      /STEADFILL_DESK is not written/,
    );
    const narrowed = reloaded({
      file: 'config/config.ts',
      from: ".enum(['demo', 'production'])\n    .default('demo')",
      to: ".enum(['production'])",
    });
    assert.match(compareSurroundings(own.runtime, narrowed.runtime).breaks.join(), /STEADFILL_PROFILE/);
    const message = reloaded({
      file: 'workflows/order-entry/order-messages.ts',
      from: "('requestCancel')",
      to: "('askCancel')",
    });
    assert.match(
      compareSurroundings(own.runtime, message.runtime).breaks.join(),
      /update requestCancel is not known/,
    );
  });

  it('refuses to describe what is no JSON, rather than calling it anything', () => {
    const tree = sourceTree([{ file: VIEW, from: '  sequence: number;', to: '  sequence: () => number;' }]);
    assert.throws(() => typeContract(tree), /OrderView: the type .* is a function/);
    const missing = sourceTree([{ file: VIEW, from: '  sequence: number;', to: '  sequence: Nowhere;' }]);
    assert.throws(() => typeContract(missing), /any, or could not be found/);
  });

  it('breaks when any field of any type goes, and never when one is added', () => {
    const objects = Object.entries(own.types).filter(([, { writes }]) => writes.type === 'object');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (which, what) => {
        const [name, { writes }] = objects[which % objects.length]!;
        const required = writes.required ?? [];
        const gone = required[what % required.length]!;
        const { [gone]: _, ...properties } = writes.properties ?? {};
        const without = { ...writes, properties, required: required.filter((field) => field !== gone) };
        assert.ok(
          breaksBetween(without, writes).some((text) => text.includes(gone)),
          `${name}.${gone}`,
        );
        assert.deepEqual(breaksBetween(writes, without), []);
      }),
    );
  });
});

describe('comparison of shapes', () => {
  it('follows unions, nulls, limits and patterns', () => {
    const text: JsonShape = { type: 'string' };
    assert.deepEqual(breaksBetween({ anyOf: [text, { type: 'null' }] }, { type: ['string', 'null'] }), []);
    assert.match(breaksBetween({ type: ['string', 'null'] }, text).join(), /may be null/);
    assert.match(breaksBetween(text, { type: 'string', pattern: '^a$' }).join(), /pattern/);
    assert.match(breaksBetween({ type: 'integer' }, { type: 'integer', maximum: 5 }).join(), /above/);
    assert.deepEqual(breaksBetween({ type: 'integer', maximum: 4 }, { type: 'number', maximum: 5 }), []);
    assert.match(breaksBetween({ type: 'number' }, { type: 'integer' }).join(), /may be number/);
    assert.match(breaksBetween({}, text).join(), /anything/);
    assert.deepEqual(breaksBetween({ enum: ['a'] }, text), []);
    assert.match(
      breaksBetween({ type: 'array', items: text }, { type: 'array', items: { type: 'number' } }).join(),
      /x\[\]/,
    );
    const closed: JsonShape = { type: 'object', properties: {}, additionalProperties: false };
    assert.match(breaksBetween({ type: 'object', properties: { a: text } }, closed).join(), /forbidden/);
  });
});

describe('comparison of APIs', () => {
  const api = apiContract(ROOT);
  const edit = (change: (document: Record<string, never>) => void): string[] => {
    const copy = structuredClone(api) as unknown as Record<string, never>;
    change(copy);
    return compareApis(api, copy as unknown as typeof api).breaks;
  };
  const orders = (document: Record<string, never>) =>
    (document['paths'] as never)['/v1/orders'] as Record<string, never>;

  it('finds nothing between an API and itself', () => {
    assert.ok(Object.keys(api.paths ?? {}).length > 5);
    assert.deepEqual(compareApis(api, api), { breaks: [], unseen: [] });
  });

  it('names calls, answers and fields that are gone, and what is newly asked for', () => {
    assert.deepEqual(
      edit((document) => delete orders(document)['post']),
      ['POST /v1/orders is gone'],
    );
    assert.deepEqual(
      edit((document) => delete (orders(document)['post']!['responses'] as Record<string, unknown>)['201']),
      ['POST /v1/orders: answer 201 is gone'],
    );
    const schemas = (document: Record<string, never>) =>
      (document['components'] as never)['schemas'] as Record<
        string,
        { properties: Record<string, unknown>; required: string[] }
      >;
    const without = edit((document) => {
      const order = schemas(document)['Order'];
      delete order?.properties['avgPx'];
      if (order !== undefined) order.required = order.required.filter((name) => name !== 'avgPx');
    });
    assert.ok(
      without.some((text) => /answer 200.*avgPx is not written/.test(text)),
      without.join('\n'),
    );
    const asked = edit((document) => void schemas(document)['SubmitOrder']?.required.push('desk'));
    assert.ok(
      asked.some((text) => /POST \/v1\/orders: body\.desk is not written/.test(text)),
      asked.join('\n'),
    );
  });
});
