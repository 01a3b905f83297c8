import assert from 'node:assert/strict';
import { parseInstrumentFile } from '../../../tools/instruments/instrument-file';

const VERSION = {
  effectiveFrom: '2026-01-05',
  venue: 'XSIM',
  listing: 'XNYS',
  currency: 'USD',
  tickSize: '0.010',
  lotSize: '1',
  priceMin: '0.01',
  priceMax: '1000',
  quantityMin: '1',
  quantityMax: '1000',
};
const parse = (instruments: unknown) => parseInstrumentFile(JSON.stringify({ instruments }));
const faultsOf = (instruments: unknown) => {
  const file = parse(instruments);
  return file.ok ? [] : file.faults;
};

describe('a file of instruments', () => {
  it('states versions, with canonical decimals and what may be left out', () => {
    const ticks = [
      { from: '0.0', tickSize: '0.0001' },
      { from: '1', tickSize: '0.01' },
    ];
    const { tickSize: _tickSize, ...untied } = VERSION;
    const banded = { ...untied, ticks, effectiveTo: '2026-12-31', notionalMin: '10' };
    const file = parse([{ symbol: 'ACME', haltReason: 'not yet', versions: [VERSION, banded] }]);
    assert.ok(file.ok);
    const [acme] = file.instruments;
    assert.equal(acme?.haltReason, 'not yet');
    assert.deepEqual(acme.versions[0], { ...VERSION, tickSize: '0.01', multiplier: '1', tradable: true });
    assert.deepEqual(acme.versions[1], {
      ...untied,
      tickSize: '0.01',
      ticks: [
        { from: '0', tickSize: '0.0001' },
        { from: '1', tickSize: '0.01' },
      ],
      notionalMin: '10',
      multiplier: '1',
      tradable: true,
      effectiveTo: '2026-12-31',
    });
  });

  it('is the same when a table has one band only', () => {
    const { tickSize: _tickSize, ...untied } = VERSION;
    const file = parse([
      { symbol: 'ACME', versions: [{ ...untied, ticks: [{ from: '0', tickSize: '0.01' }] }] },
    ]);
    assert.ok(file.ok);
    assert.equal(file.instruments[0]?.versions[0]?.ticks, undefined);
    assert.equal(file.instruments[0]?.versions[0]?.tickSize, '0.01');
  });

  it('is refused with every fault and its place', () => {
    const faults = faultsOf([
      { symbol: 'OK', versions: [VERSION] },
      {
        symbol: 'BAD',
        versions: [{ ...VERSION, tickSize: 0.01, lotSize: '1e2', effectiveFrom: '2026-02-30' }],
      },
      { symbol: 'b d', versions: [] },
      { symbol: 'BOTH', colour: 'red', versions: [{ ...VERSION, ticks: [{ from: '0', tickSize: '1' }] }] },
    ]);
    assert.deepEqual(faults, [
      'instruments[1] (BAD) versions[0].effectiveFrom: must be a day, YYYY-MM-DD',
      'instruments[1] (BAD) versions[0].tickSize: must be a decimal string',
      'instruments[1] (BAD) versions[0].lotSize: must be a plain decimal of at most 30 digits',
      'instruments[2] (b d) symbol: must be 1 to 32 letters, digits, dots, slashes or hyphens',
      'instruments[2] (b d) versions: must have at least one version',
      'instruments[3] (BOTH) versions[0]: must have either tickSize or ticks',
      'instruments[3] (BOTH) colour: is not a known field',
    ]);
  });

  it('is refused when it is no JSON, has another form, or names a symbol twice', () => {
    const text = parseInstrumentFile('{"instruments": [');
    assert.ok(!text.ok);
    assert.match(text.faults[0] ?? '', /^the file is not JSON: /);
    assert.equal(faultsOf('none').length, 1);
    const nothing = parseInstrumentFile('null');
    assert.ok(!nothing.ok);
    assert.match(nothing.faults[0] ?? '', /^the file: /);
    const twice = { symbol: 'ACME', versions: [VERSION] };
    assert.deepEqual(faultsOf([twice, twice]), ['ACME is in the file more than once']);
  });
});
