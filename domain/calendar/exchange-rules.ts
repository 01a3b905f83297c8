import type { CivilDate } from './civil-date';
import type { LocalTime } from './zone-time';

/** The years for which every rule here was checked; other years are refused rather than guessed. */
export const CALENDAR_YEARS = { first: 2007, last: 2030 } as const;

/** Scheduled hours of continuous trading in the exchange's own time, in force from a day on. */
export interface TradingHours {
  from: CivilDate;
  open: LocalTime;
  close: LocalTime;
  breakStart?: LocalTime;
  breakEnd?: LocalTime;
  /** When trading ends on a half day. */
  earlyClose: LocalTime;
}

/** How one exchange decides which days it trades and when. Everything is a function of the day. */
export interface ExchangeRules {
  mic: string;
  zone: string;
  /** Ascending by `from`; the first covers the whole past. */
  hours: readonly TradingHours[];
  /** Days without trading; those on a weekend may be among them. Called once a year and kept. */
  holidays(year: number): Iterable<CivilDate>;
  /** Days that end early, given whether a day is traded at all. */
  earlyCloses(year: number, isTradingDay: (date: CivilDate) => boolean): Iterable<CivilDate>;
}

/** The hours in force on `date`. */
export function hoursOn(rules: ExchangeRules, date: CivilDate): TradingHours {
  const [first, ...later] = rules.hours;
  if (first === undefined) throw new RangeError(`${rules.mic} has no trading hours`);
  return later.reduce((current, candidate) => (candidate.from <= date ? candidate : current), first);
}
