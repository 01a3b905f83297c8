import { addDays, daysOfYear, isCivilDate, isWeekend, yearOf, type CivilDate } from './civil-date';
import { CALENDAR_YEARS, hoursOn, type ExchangeRules } from './exchange-rules';
import { HONG_KONG_RULES } from './hong-kong-rules';
import { LONDON_RULES } from './london-rules';
import { ONE_OFF_CLOSURES } from './one-off-days';
import { SIMULATED_MIC, SIMULATED_ZONE, simulatedDayEnd } from './simulated-venue-day';
import { TOKYO_RULES } from './tokyo-rules';
import { unitedStatesRules } from './united-states-rules';
import { instantOf } from './zone-time';

/**
 * One scheduled trading session. `date` is the exchange's own day; times are ISO 8601 UTC in whole seconds; `close` is
 * the end of continuous trading. A day that ends before its break has none.
 */
export interface Session {
  date: CivilDate;
  open: string;
  close: string;
  breakStart?: string;
  breakEnd?: string;
}

const EXCHANGES: Readonly<Record<string, ExchangeRules>> = {
  XNYS: unitedStatesRules('XNYS'),
  XNAS: unitedStatesRules('XNAS'),
  XLON: LONDON_RULES,
  XTKS: TOKYO_RULES,
  XHKG: HONG_KONG_RULES,
};
/** Nasdaq was closed on the same days as the New York Stock Exchange. */
const CLOSURES_AS: Readonly<Record<string, string>> = { XNAS: 'XNYS' };

/** Every market with a calendar. */
export const CALENDAR_MICS: readonly string[] = [...Object.keys(EXCHANGES), SIMULATED_MIC];

export function hasCalendar(mic: string): boolean {
  return CALENDAR_MICS.includes(mic);
}

/** IANA name of the market's time zone. Throws RangeError for a market without a calendar. */
export function zoneOf(mic: string): string {
  return mic === SIMULATED_MIC ? SIMULATED_ZONE : rulesOf(mic).zone;
}

interface YearPlan {
  closed: ReadonlySet<CivilDate>;
  early: ReadonlySet<CivilDate>;
}
/** Plans and sessions are functions of their keys, so keeping them changes nothing but the time they take. */
const plans = new Map<string, YearPlan>();
const sessions = new Map<string, Session>();

/** Throws RangeError for an unknown market and for a day outside the years that calendars cover. */
export function isTradingDay(mic: string, date: CivilDate): boolean {
  requireCovered(mic, yearOf(date));
  return mic === SIMULATED_MIC || (!isWeekend(date) && !planOf(rulesOf(mic), yearOf(date)).closed.has(date));
}

/** The session of that day, or undefined when the market is closed. Throws like {@link isTradingDay}. */
export function sessionOn(mic: string, date: CivilDate): Session | undefined {
  if (!isCivilDate(date)) throw new RangeError(`not a day: ${date}`);
  if (!isTradingDay(mic, date)) return undefined;
  const key = `${mic} ${date}`;
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = mic === SIMULATED_MIC ? simulatedSession(date) : exchangeSession(rulesOf(mic), date);
  sessions.set(key, session);
  return session;
}

/** Every session of the year, ascending. Throws like {@link isTradingDay}. */
export function sessionsOfYear(mic: string, year: number): Session[] {
  requireCovered(mic, year);
  return daysOfYear(year).flatMap((date) => sessionOn(mic, date) ?? []);
}

/** True for a trading day that ends early by rule. Throws like {@link isTradingDay}. */
export function isHalfDay(mic: string, date: CivilDate): boolean {
  if (mic === SIMULATED_MIC || !isTradingDay(mic, date)) return false;
  return planOf(rulesOf(mic), yearOf(date)).early.has(date);
}

/** The first session after that day. Throws RangeError when it would lie beyond the years that calendars cover. */
export function nextSession(mic: string, date: CivilDate): Session {
  for (let day = addDays(date, 1); ; day = addDays(day, 1)) {
    const session = sessionOn(mic, day);
    if (session !== undefined) return session;
  }
}

/** The last session before that day. Throws RangeError when it would lie before the years that calendars cover. */
export function previousSession(mic: string, date: CivilDate): Session {
  for (let day = addDays(date, -1); ; day = addDays(day, -1)) {
    const session = sessionOn(mic, day);
    if (session !== undefined) return session;
  }
}

function rulesOf(mic: string): ExchangeRules {
  const rules = EXCHANGES[mic];
  if (rules === undefined) throw new RangeError(`there is no calendar of ${mic}`);
  return rules;
}

function requireCovered(mic: string, year: number): void {
  if (!hasCalendar(mic)) throw new RangeError(`there is no calendar of ${mic}`);
  const { first, last } = CALENDAR_YEARS;
  if (year < first || year > last) throw new RangeError(`calendars cover ${first} to ${last}, not ${year}`);
}

function planOf(rules: ExchangeRules, year: number): YearPlan {
  const key = `${rules.mic} ${year}`;
  const known = plans.get(key);
  if (known !== undefined) return known;
  const oneOffs = ONE_OFF_CLOSURES[CLOSURES_AS[rules.mic] ?? rules.mic] ?? [];
  const closed = new Set([...rules.holidays(year), ...oneOffs.map(({ date }) => date)]);
  const isTraded = (date: CivilDate): boolean => !isWeekend(date) && !closed.has(date);
  const plan = { closed, early: new Set(rules.earlyCloses(year, isTraded)) };
  plans.set(key, plan);
  return plan;
}

function exchangeSession(rules: ExchangeRules, date: CivilDate): Session {
  const hours = hoursOn(rules, date);
  const at = (time: string): string => instantOf(date, time, rules.zone);
  const isEarly = planOf(rules, yearOf(date)).early.has(date);
  const close = isEarly ? hours.earlyClose : hours.close;
  const { breakStart, breakEnd } = hours;
  const hasBreak = breakStart !== undefined && breakEnd !== undefined && breakEnd < close;
  return {
    date,
    open: at(hours.open),
    close: at(close),
    ...(hasBreak && { breakStart: at(breakStart), breakEnd: at(breakEnd) }),
  };
}

/** The day before is one of the venue's too, so its end is this day's beginning. */
function simulatedSession(date: CivilDate): Session {
  return { date, open: simulatedDayEnd(addDays(date, -1)), close: simulatedDayEnd(date) };
}
