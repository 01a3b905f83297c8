import type { OrderDesk } from './order-entry/order-desk';
import type { AdmitOrderInput, AdmitOrderResult, OrderStepActivities } from './order-steps.port';
import type { ReportingActivities } from './reporting/reporting.port';
import type { RiskActivities } from './risk/risk.port';
import type { SettlementActivities } from './settlement/settlement.port';

/** Runs one capability's part of a joint step, and may tell of it. It answers and throws what `work` does. */
export type StepObserver = <T>(name: string, input: unknown, work: () => Promise<T>) => Promise<T>;

export interface OrderStepDependencies {
  desk: OrderDesk;
  risk: RiskActivities;
  reporting: ReportingActivities;
  settlement: SettlementActivities;
  observe?: StepObserver;
}

const unobserved: StepObserver = (_name, _input, work) => work();

/** The joint steps over the capabilities' own activities, which they call and never replace. */
export function createOrderSteps({
  desk,
  risk,
  reporting,
  settlement,
  observe = unobserved,
}: OrderStepDependencies): OrderStepActivities {
  return {
    admitOrder: (input) => admit(desk, risk, observe, input),
    async deliverEffects({ settle, exposure, record }) {
      if (settle !== undefined) {
        await observe('settleFills', settle, () => settlement.settleFills(settle));
      }
      await Promise.all([
        exposure && observe('applyExposure', exposure, () => risk.applyExposure(exposure)),
        record && observe('recordOrder', record, () => reporting.recordOrder(record)),
      ]);
    },
  };
}

/**
 * Identity and reservation are written at the same time, once it is known that the pair is free. Temporal lets one run
 * at a time have the pair, so an owner is an order that ended long ago and that Temporal has forgotten: nothing may be
 * reserved in its name.
 */
async function admit(
  desk: OrderDesk,
  risk: RiskActivities,
  observe: StepObserver,
  { validate, reserve }: AdmitOrderInput,
): Promise<AdmitOrderResult> {
  const register = () => observe('registerIdentity', validate, () => desk.register(validate));
  const checked = await observe('validateOrder', validate, async () => {
    const [owner, found] = await Promise.all([desk.findOwner(validate), desk.check(validate)]);
    return owner ?? found;
  });
  if (checked.outcome === 'duplicate') return checked;
  if (checked.outcome === 'denied') return (await register()) ?? checked;
  const { venue, currency, multiplier } = checked.terms;
  const wanted = { ...reserve, venue, currency, multiplier };
  const [duplicate, decision] = await Promise.all([
    register(),
    observe('reserveExposure', wanted, () => risk.reserveExposure(wanted)),
  ]);
  return duplicate ?? { ...checked, risk: decision };
}
