import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nodeSha256Hex } from '../../../storage/node-sha256';
import { orderIdOf, requestHashOf } from '../../../domain/order/order-id';

describe('the digest of Node', () => {
  it('gives every order the id and the hash that the portable one gives', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, text, (account, clientOrderId) => {
        const request = { account, clientOrderId } as Parameters<typeof requestHashOf>[0];
        assert.equal(orderIdOf(account, clientOrderId, nodeSha256Hex), orderIdOf(account, clientOrderId));
        assert.equal(requestHashOf(request, nodeSha256Hex), requestHashOf(request));
      }),
    );
  });
});
