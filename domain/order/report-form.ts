import { isPositive, parseDecimal, type Decimal } from '../money/decimal';
import { REPORT_KINDS, type ExecutionReport } from './execution-report';

const AMOUNTS = ['lastQty', 'lastPx', 'fee', 'orderQty', 'limitPrice', 'stopPrice'] as const;
const TEXTS = ['execId', 'execRefId', 'origClOrdId', 'venueOrderId', 'reason', 'text', 'marketTime'] as const;
const DATES = ['tradeDate', 'settlementDate', 'settleAt'] as const;
const EXECUTION_KINDS: readonly string[] = ['fill', 'bust', 'correct'];

/** A report in canonical form, or what is wrong with it. */
export type FormedReport = { report: ExecutionReport } | { problem: string };

/**
 * Checks a report as it came from outside and makes its decimals canonical. Reports arrive as signals that anybody
 * with access to Temporal can send, so nothing about their form is taken for granted.
 */
export function formReport(given: ExecutionReport): FormedReport {
  if (!REPORT_KINDS.includes(given.kind)) return { problem: `kind=${String(given.kind)} is not known` };
  for (const name of ['clOrdId', 'venue', 'transactTime'] as const) {
    if (typeof given[name] !== 'string') return { problem: `${name} is missing` };
  }
  const report: ExecutionReport = { ...given };
  const problem = formAmounts(report) ?? formTexts(report) ?? formDates(report) ?? problemOf(report);
  return problem === undefined ? { report } : { problem };
}

/** Makes the decimals of `report` canonical in place. */
function formAmounts(report: ExecutionReport): string | undefined {
  for (const name of AMOUNTS) {
    const value: unknown = report[name];
    if (isAbsent(value)) {
      delete report[name];
      continue;
    }
    const amount = parseDecimal(value);
    if (amount === undefined) return `${name}=${String(value)} is not a decimal`;
    report[name] = amount;
  }
  return undefined;
}

/** Codes often come as numbers; they mean the same. */
function formTexts(report: ExecutionReport): string | undefined {
  for (const name of TEXTS) {
    const value: unknown = report[name];
    if (isAbsent(value)) delete report[name];
    else if (typeof value === 'number') report[name] = String(value);
    else if (typeof value !== 'string') return `${name} is not a text`;
  }
  return undefined;
}

function formDates(report: ExecutionReport): string | undefined {
  if (Number.isNaN(Date.parse(report.transactTime)))
    return `transactTime=${report.transactTime} is not a time`;
  for (const name of DATES) {
    const value: unknown = report[name];
    if (isAbsent(value)) delete report[name];
    else if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return `${name} is not a date`;
  }
  return undefined;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function problemOf(report: ExecutionReport): string | undefined {
  if (EXECUTION_KINDS.includes(report.kind) && !report.execId) return `a ${report.kind} needs an execId`;
  if ((report.kind === 'bust' || report.kind === 'correct') && !report.execRefId) {
    return `a ${report.kind} needs the execRefId of what it changes`;
  }
  // Prices may be zero or negative (spreads, energy); an executed quantity may not.
  if (report.kind === 'fill' || report.kind === 'correct') {
    if (!isAbove(report.lastQty)) return `a ${report.kind} needs a lastQty above 0`;
    if (report.lastPx === undefined) return `a ${report.kind} needs a lastPx`;
  }
  const changesTerms = report.kind === 'replaced' || report.kind === 'restated';
  if (changesTerms && report.orderQty !== undefined && !isAbove(report.orderQty)) {
    return `a ${report.kind} needs an orderQty above 0`;
  }
  return undefined;
}

function isAbove(value: Decimal | undefined): boolean {
  return value !== undefined && isPositive(value);
}
