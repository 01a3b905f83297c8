import { isCivilDate } from '../../domain/calendar/civil-date';
import { CALENDAR_YEARS } from '../../domain/calendar/exchange-rules';
import {
  CALENDAR_MICS,
  hasCalendar,
  sessionOn,
  sessionsOfYear,
  type Session,
} from '../../domain/calendar/sessions';

const HEADER = 'date,open,close,breakStart,breakEnd';
const YEAR_PATTERN = /^\d{4}$/;
const EXIT_USAGE = 2;
const USAGE = `Usage: npm run --silent calendar -- MIC YEAR|DATE
  MIC   ${CALENDAR_MICS.join(', ')}
  YEAR  ${CALENDAR_YEARS.first} to ${CALENDAR_YEARS.last}: the year's sessions as CSV, times in UTC
  DATE  YYYY-MM-DD: that day's line, or "closed"`;

/** The lines to print, or what is wrong with the question. */
type Answer = { lines: string[] } | { fault: string };

function answer(args: readonly string[]): Answer {
  const [mic = '', when = ''] = args;
  if (args.length !== 2) return { fault: `two arguments are needed, not ${args.length}` };
  if (!hasCalendar(mic.toUpperCase())) return { fault: `there is no calendar of "${mic}"` };
  const isYear = YEAR_PATTERN.test(when);
  if (!isYear && !isCivilDate(when))
    return { fault: `"${when}" is neither a year nor a day of the calendar` };
  const year = parseInt(when.slice(0, 4), 10);
  if (year < CALENDAR_YEARS.first || year > CALENDAR_YEARS.last) {
    return { fault: `calendars cover ${CALENDAR_YEARS.first} to ${CALENDAR_YEARS.last}, not ${year}` };
  }
  if (isYear) return { lines: [HEADER, ...sessionsOfYear(mic.toUpperCase(), year).map(line)] };
  const session = sessionOn(mic.toUpperCase(), when);
  return { lines: [session === undefined ? 'closed' : line(session)] };
}

function line({ date, open, close, breakStart = '', breakEnd = '' }: Session): string {
  return [date, open, close, breakStart, breakEnd].join(',');
}

const found = answer(process.argv.slice(2));
if ('lines' in found) {
  process.stdout.write(`${found.lines.join('\n')}\n`);
} else {
  process.stderr.write(`calendar: ${found.fault}\n\n${USAGE}\n`);
  process.exitCode = EXIT_USAGE;
}
