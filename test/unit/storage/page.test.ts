import assert from 'node:assert/strict';
import {
  afterCursor,
  decodeCursor,
  encodeCursor,
  InvalidCursorError,
  pageLimit,
  toPage,
} from '../../../storage/queries/page';

describe('pages', () => {
  it('give a cursor only while there is more', () => {
    const rows = ['a', 'b', 'c'];
    const page = toPage(
      rows,
      2,
      (row) => [row, row],
      (row) => row,
    );
    assert.deepEqual(page.items, ['a', 'b']);
    assert.deepEqual(decodeCursor(page.nextCursor ?? ''), ['b', 'b']);
    assert.equal(
      toPage(
        rows,
        3,
        (row) => [row, row],
        (row) => row,
      ).nextCursor,
      null,
    );
    assert.equal(
      toPage(
        [],
        3,
        () => ['', ''],
        (row) => row,
      ).nextCursor,
      null,
    );
  });

  it('keep their limit within its bounds', () => {
    assert.deepEqual(
      [undefined, 0, 7, 9_999].map((limit) => pageLimit({ limit })),
      [50, 1, 7, 500],
    );
  });

  for (const cursor of [
    '',
    'rubbish',
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('[1,2]').toString('base64url'),
  ]) {
    it(`refuse ${JSON.stringify(cursor)} as a cursor`, () =>
      assert.throws(() => decodeCursor(cursor), InvalidCursorError));
  }

  it('go on after equal values by id', () => {
    assert.deepEqual(afterCursor('at', -1, encodeCursor(['5', 'x'])), {
      $or: [{ at: { $lt: '5' } }, { at: '5', _id: { $lt: 'x' } }],
    });
  });
});
