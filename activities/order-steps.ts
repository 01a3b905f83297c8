import type { TriggerActivities } from './execution/trigger.port';
import { postingsToSettle } from './settlement/settlement.activities';
import type { OrderDesk } from './order-entry/order-desk';
import type { AdmitOrderInput, AdmitOrderResult, OrderStepActivities } from './order-steps.port';
import type { ReportingActivities } from './reporting/reporting.port';
import type { ReserveInput, Risk, RiskEntry } from './risk/risk.port';
import type { SettlementActivities } from './settlement/settlement.port';
import type { OrderRequest, OrderTerms } from '../domain/order/order-types';

export interface OrderStepDependencies {
  desk: OrderDesk;
  risk: Pick<Risk, 'activities' | 'entry'>;
  reporting: ReportingActivities;
  settlement: SettlementActivities;
  triggers: TriggerActivities;
}

/** The joint steps over the capabilities' own activities, which they call and never replace. */
export function createOrderSteps({
  desk,
  risk,
  reporting,
  settlement,
  triggers,
}: OrderStepDependencies): OrderStepActivities {
  return {
    admitOrder: (input) => admit(desk, risk.entry, input),
    async deliverEffects({ settle, exposure, record, trigger }) {
      // What is settled goes with the record that tells of it, in one transaction; without one it goes first.
      if (settle !== undefined && record === undefined) await settlement.settleFills(settle);
      const settled = settle === undefined ? undefined : postingsToSettle(settle);
      await Promise.all([
        exposure === undefined ? undefined : risk.activities.applyExposure(exposure),
        record === undefined ? undefined : reporting.recordOrder(record, settled),
        trigger === undefined ? undefined : triggers.keepTrigger(trigger),
      ]);
    },
  };
}

/** A trail counts in ticks of the instrument, which validation has just found. */
function trailOf(request: OrderRequest, { tickSize }: OrderTerms): Pick<ReserveInput, 'trail'> {
  const { trailingOffset: offset, trailingOffsetType: offsetType = 'price' } = request;
  return offset === undefined ? {} : { trail: { offset, offsetType, tickSize } };
}

/**
 * Identity and reservation are written together. Temporal lets one run at a time have the pair, so an owner is an order
 * that ended long ago and that Temporal has forgotten: nothing may be reserved in its name.
 */
async function admit(
  desk: OrderDesk,
  risk: RiskEntry,
  { validate, reserve }: AdmitOrderInput,
): Promise<AdmitOrderResult> {
  risk.prepare(reserve.account);
  const checked = await desk.check(validate);
  if (checked.outcome === 'denied') {
    const duplicate = await desk.register(validate);
    // An attempt whose answer was lost may have come in time, before the session ended.
    if (duplicate === undefined) await risk.giveBack(reserve.orderId);
    return duplicate ?? checked;
  }
  const { venue, currency, multiplier } = checked.terms;
  const decision = await risk.admit(
    { ...reserve, venue, currency, multiplier, ...trailOf(validate.request, checked.terms) },
    desk.identityOf(validate),
  );
  if (decision.outcome === 'taken') return desk.duplicateOf(decision.owner, validate);
  return { ...checked, risk: decision };
}
