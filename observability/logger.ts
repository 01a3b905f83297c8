import winston from 'winston';

export type Logger = winston.Logger;

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;

/** JSON lines on stderr-free stdout; one record an event, with the component that wrote it. */
export function createLogger(component: string, level = process.env['STEADFILL_LOG_LEVEL'] ?? 'info'): Logger {
  return winston.createLogger({
    levels: LEVELS,
    level,
    defaultMeta: { component },
    format: winston.format.combine(
      winston.format((info) => ({ time: new Date().toISOString(), ...info }))(),
      winston.format.errors({ stack: true }),
      winston.format.json(),
    ),
    transports: [new winston.transports.Console()],
  });
}
