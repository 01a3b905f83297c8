import winston from 'winston';
import { currentLogContext, currentTraceFields } from './log-context';
import { LOG_LEVELS } from './log-levels';
import { arrangeFields } from './log-schema';
import { redactText, toLogFields } from './redaction';

export type Logger = winston.Logger;

/** `json`: one object a line. `auto`: readable lines on a terminal, JSON elsewhere; only for the front of npm start. */
export type LogFormat = 'json' | 'auto';

interface LogRecord {
  time: string;
  level: string;
  msg: string;
  component: string;
  fields: Record<string, unknown>;
}

/** Splits what winston hands over into the fixed fields and the rest, and adds those of the work that runs now. */
function toRecord(info: winston.Logform.TransformableInfo): LogRecord {
  const { level, message, component, time, ...rest } = info;
  const fields = arrangeFields(toLogFields({ ...currentLogContext(), ...currentTraceFields(), ...rest }));
  return {
    time: typeof time === 'string' ? time : new Date().toISOString(),
    level,
    msg: redactText(typeof message === 'string' ? message : (JSON.stringify(message) ?? '')),
    component: String(component),
    fields,
  };
}

const jsonLine = winston.format.printf((info) => {
  const { fields, ...record } = toRecord(info);
  return JSON.stringify({ ...record, ...fields });
});

const readableLine = winston.format.printf((info) => {
  const { time, level, msg, component, fields } = toRecord(info);
  const detail = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${component}: ${msg}${detail}`;
});

/**
 * A logger that writes one JSON object a line to stdout, in the schema of log-schema.ts: `time, level, msg, component`,
 * then what the work that runs now carries (ids, trace and span) and the fields given with the message. Secrets and
 * personal data are redacted; see redaction.ts.
 */
export function createLogger(
  component: string,
  level = process.env['STEADFILL_LOG_LEVEL'] ?? 'info',
  format: LogFormat = 'json',
): Logger {
  const readable = format === 'auto' && process.stdout.isTTY;
  return winston.createLogger({
    levels: LOG_LEVELS,
    level,
    defaultMeta: { component },
    format: readable ? readableLine : jsonLine,
    transports: [new winston.transports.Console()],
  });
}
