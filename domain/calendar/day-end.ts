import { nextSession, sessionOn, zoneOf, type Session } from './sessions';
import { SIMULATED_MIC, simulatedDateOf, simulatedDayEnd } from './simulated-venue-day';
import { dateIn } from './zone-time';

/** The answer holds for every instant from `fromMs` up to but not including `untilMs`. */
interface KnownEnd {
  fromMs: number;
  untilMs: number;
  end: string;
}
/** The last answer by market: orders come in the order of time, and zone arithmetic is dear. */
const known = new Map<string, KnownEnd>();

/**
 * When a day order entered at `instant` (ISO 8601 UTC) ends, ISO 8601 UTC in whole seconds: at the close of the session
 * that is running or comes next; on the simulated venue at the next 17:00 in New York. An order entered at the very
 * close belongs to the next day. Throws RangeError outside the years of the calendar.
 */
export function dayEndOf(mic: string, instant: string): string {
  const atMs = Date.parse(instant);
  const last = known.get(mic);
  if (last !== undefined && last.fromMs <= atMs && atMs < last.untilMs) return last.end;
  const end =
    mic === SIMULATED_MIC
      ? simulatedDayEnd(simulatedDateOf(instant))
      : sessionEndingAfter(mic, instant).close;
  known.set(mic, { fromMs: atMs, untilMs: Date.parse(end), end });
  return end;
}

/** The session that is running at `instant`, or else the next one. */
export function sessionEndingAfter(mic: string, instant: string): Session {
  const date = dateIn(instant, zoneOf(mic));
  const today = sessionOn(mic, date);
  if (today !== undefined && Date.parse(instant) < Date.parse(today.close)) return today;
  return nextSession(mic, date);
}

/** True while continuous trading is scheduled: within a session and outside its break. */
export function isInSession(mic: string, instant: string): boolean {
  const atMs = Date.parse(instant);
  const date = mic === SIMULATED_MIC ? simulatedDateOf(instant) : dateIn(instant, zoneOf(mic));
  const session = sessionOn(mic, date);
  if (session === undefined || atMs < Date.parse(session.open) || atMs >= Date.parse(session.close))
    return false;
  const { breakStart, breakEnd } = session;
  if (breakStart === undefined || breakEnd === undefined) return true;
  return atMs < Date.parse(breakStart) || atMs >= Date.parse(breakEnd);
}

/** The day of the market to which a trade at `instant` belongs: a session's date, on the simulated venue any day. */
export function tradeDateOf(mic: string, instant: string): string {
  if (mic === SIMULATED_MIC) return simulatedDateOf(instant);
  const date = dateIn(instant, zoneOf(mic));
  return sessionOn(mic, date)?.date ?? nextSession(mic, date).date;
}
