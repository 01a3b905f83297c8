import { orderIdOf, pairOf } from '../domain/order/order-id';
import { identityIdOf } from '../storage/keys';
import { nodeSha256Hex } from '../storage/node-sha256';
import type { RiskEntry } from '../activities/risk/risk.port';

/** Tells risk of an order whose workflow begins, before the workflow asks for its admission. No other workflow matters. */
export function expectOrder(risk: Pick<RiskEntry, 'expect'>, workflowId: string): void {
  const pair = pairOf(workflowId);
  if (pair === undefined) return;
  const { account, clientOrderId } = pair;
  const orderId = orderIdOf(account, clientOrderId, nodeSha256Hex);
  risk.expect({ account, orderId, identityId: identityIdOf(account, clientOrderId) });
}
