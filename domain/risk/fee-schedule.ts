import { decimal, type Money } from '../money/decimal';

/** What a venue charges at most for one unit of one fill, in the currency of the instrument; never rounded. */
export interface FeeSchedule {
  version: number;
  perUnit: Money;
}

const FEE_SCHEDULES: Readonly<Record<string, FeeSchedule>> = {
  XSIM: { version: 1, perUnit: decimal('0.001') },
};

/** The schedule of `venue`, or undefined when none is known: then no order can be valued and risk fails closed. */
export function feeScheduleOf(venue: string): FeeSchedule | undefined {
  return FEE_SCHEDULES[venue];
}
