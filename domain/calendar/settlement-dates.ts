import { addDays, yearOf, type CivilDate } from './civil-date';
import { dayEndOf, tradeDateOf } from './day-end';
import { isHalfDay, isTradingDay, zoneOf } from './sessions';
import { SIMULATED_MIC } from './simulated-venue-day';
import { unitedStatesBankHolidays } from './united-states-rules';
import { instantOf } from './zone-time';
import type { ExecutionReport } from '../order/execution-report';
import type { SettlementPolicy } from '../order/order-types';

/** Settlement days between trade and settlement, for trades from a day on. */
interface SettlementCycle {
  from: CivilDate;
  days: number;
}

/**
 * The standard cycle of cash equities by trade date, ascending. Sources: SEC rule 15c6-1 and its amendments; EU and UK
 * Central Securities Depositories Regulation; UK Accelerated Settlement Taskforce (2027); JPX; HKEX.
 */
const CYCLES: Readonly<Record<string, readonly SettlementCycle[]>> = {
  XNYS: [
    { from: '0000-01-01', days: 3 },
    { from: '2017-09-05', days: 2 },
    { from: '2024-05-28', days: 1 },
  ],
  XLON: [
    { from: '0000-01-01', days: 3 },
    { from: '2014-10-06', days: 2 },
    { from: '2027-10-11', days: 1 },
  ],
  XTKS: [
    { from: '0000-01-01', days: 3 },
    { from: '2019-07-16', days: 2 },
  ],
  XHKG: [{ from: '0000-01-01', days: 2 }],
};
/** Markets that settle as another one does. */
const SETTLES_AS: Readonly<Record<string, string>> = { XNAS: 'XNYS', [SIMULATED_MIC]: 'XNYS' };
const START_OF_DAY = '00:00';

function settlementMarket(mic: string): string {
  return SETTLES_AS[mic] ?? mic;
}

/**
 * True when trades of the market can settle on `date`: its trading days, in the United States without the days on which
 * banks are closed, in Hong Kong without half days (CCASS does not settle then). An unscheduled closing of the exchange
 * counts as closed for settlement too.
 */
export function isSettlementDay(mic: string, date: CivilDate): boolean {
  const market = settlementMarket(mic);
  if (!isTradingDay(market, date)) return false;
  if (market === 'XNYS') return !unitedStatesBankHolidays(yearOf(date)).includes(date);
  return market !== 'XHKG' || !isHalfDay(market, date);
}

/** Length of the cycle in settlement days for a trade of `tradeDate`. Throws RangeError for an unknown market. */
export function settlementCycleOf(mic: string, tradeDate: CivilDate): number {
  const cycles = CYCLES[settlementMarket(mic)];
  const current = cycles?.filter(({ from }) => from <= tradeDate).at(-1);
  if (current === undefined) throw new RangeError(`there is no settlement cycle of ${mic}`);
  return current.days;
}

/** The day on which a trade of `tradeDate` settles, counted in settlement days after it. Throws RangeError. */
export function settlementDateOf(mic: string, tradeDate: CivilDate): CivilDate {
  let left = settlementCycleOf(mic, tradeDate);
  let date = tradeDate;
  while (left > 0) {
    date = addDays(date, 1);
    if (isSettlementDay(mic, date)) left -= 1;
  }
  return date;
}

/**
 * The instant (ISO 8601 UTC) from which a fill is settled: the beginning of the settlement date in the market's zone,
 * or under the demo policy so many milliseconds after the execution.
 */
export function settleAtOf(
  mic: string,
  settlementDate: CivilDate,
  policy: SettlementPolicy,
  executedAt: string,
): string {
  if (policy.mode === 'demo') return new Date(Date.parse(executedAt) + policy.delayMs).toISOString();
  return instantOf(settlementDate, START_OF_DAY, zoneOf(mic));
}

/** Trade and settlement date of a trading day, and the instant at which the market's day ends, by market. */
interface KnownDay {
  fromMs: number;
  untilMs: number;
  tradeDate: CivilDate;
  settlementDate: CivilDate;
}
const knownDays = new Map<string, KnownDay>();

/** Dates of a trade at `executedAt`; trades come in the order of time, so the last answer mostly holds. */
function datesOf(mic: string, executedAt: string): KnownDay {
  const atMs = Date.parse(executedAt);
  const last = knownDays.get(mic);
  if (last !== undefined && last.fromMs <= atMs && atMs < last.untilMs) return last;
  const tradeDate = tradeDateOf(mic, executedAt);
  const settlementDate = settlementDateOf(mic, tradeDate);
  const day = { fromMs: atMs, untilMs: Date.parse(dayEndOf(mic, executedAt)), tradeDate, settlementDate };
  // After the close the trade date is still today's, while the next day end is tomorrow's: keep only true days.
  if (tradeDateOf(mic, new Date(day.untilMs - 1).toISOString()) === tradeDate) knownDays.set(mic, day);
  return day;
}

/**
 * The report with trade date, settlement date and settlement instant, as the market `mic` counts them; only fills
 * and what corrects them carry them, and what the venue itself stated stays. Used by whoever owns the session with a venue.
 */
export function stampSettlement(
  report: ExecutionReport,
  mic: string,
  policy: SettlementPolicy,
): ExecutionReport {
  if (report.kind !== 'fill' && report.kind !== 'correct' && report.kind !== 'bust') return report;
  const dates = datesOf(mic, report.transactTime);
  const tradeDate = report.tradeDate ?? dates.tradeDate;
  const settlementDate =
    report.settlementDate ??
    (tradeDate === dates.tradeDate ? dates.settlementDate : settlementDateOf(mic, tradeDate));
  const settleAt = report.settleAt ?? settleAtOf(mic, settlementDate, policy, report.transactTime);
  return { ...report, tradeDate, settlementDate, settleAt };
}
