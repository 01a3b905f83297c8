import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import {
  compare,
  isNegative,
  isPositive,
  parseDecimal,
  type Decimal,
  type Price,
} from '../../../domain/money/decimal';
import type { QuoteRow } from '../core/book-types';

const COLUMNS = ['time', 'symbol', 'kind', 'bid', 'bidSize', 'ask', 'askSize', 'price', 'size'] as const;
type Column = (typeof COLUMNS)[number];
type Cells = Record<Column, string>;

/** What happened in one second of a recorded market. */
export interface RecordedSecond {
  atMs: number;
  /** ISO 8601 UTC, as in the file. */
  time: string;
  quotes: QuoteRow[];
  trades: { symbol: string; price: Price }[];
}

/** Thrown when the file is not a recorded day; the message names file and line. */
export class RecordedMarketError extends Error {
  readonly code = 'RECORDED_MARKET_MALFORMED';
  constructor(path: string, line: number, problem: string) {
    super(`${path} line ${line}: ${problem}`);
    this.name = 'RecordedMarketError';
  }
}

/**
 * Reads a recorded day (`.csv` or `.csv.gz`) second by second, ascending in time. Crossed and locked quotes (bid at or
 * above ask) are left out. Throws RecordedMarketError, or the fault of a file that cannot be read.
 */
export async function* readRecordedDay(path: string): AsyncGenerator<RecordedSecond> {
  const file = createReadStream(path);
  const parser = parse({ columns: true, skip_empty_lines: true, trim: true });
  file.on('error', (fault) => parser.destroy(fault));
  if (path.endsWith('.gz')) {
    const gunzip = createGunzip();
    gunzip.on('error', (fault) => parser.destroy(fault));
    file.pipe(gunzip).pipe(parser);
  } else {
    file.pipe(parser);
  }
  let second: RecordedSecond | undefined;
  let line = 1;
  try {
    for await (const cells of parser as AsyncIterable<Cells>) {
      line += 1;
      if (line === 2) requireColumns(path, cells);
      const atMs = Date.parse(cells.time);
      if (Number.isNaN(atMs)) throw new RecordedMarketError(path, line, `time=${cells.time} is not ISO 8601`);
      if (second !== undefined && atMs < second.atMs) {
        throw new RecordedMarketError(path, line, `time=${cells.time} goes back`);
      }
      if (second === undefined || atMs > second.atMs) {
        if (second !== undefined) yield second;
        second = { atMs, time: new Date(atMs).toISOString(), quotes: [], trades: [] };
      }
      addRow(second, cells, path, line);
    }
  } finally {
    file.destroy();
  }
  if (second !== undefined) yield second;
}

function requireColumns(path: string, cells: Cells): void {
  const missing = COLUMNS.filter((column) => cells[column] === undefined);
  if (missing.length > 0)
    throw new RecordedMarketError(path, 1, `columns are missing: ${missing.join(', ')}`);
}

function addRow(second: RecordedSecond, cells: Cells, path: string, line: number): void {
  const amount = (column: Column): Decimal | undefined => {
    const text = cells[column];
    if (text === '') return undefined;
    const value = parseDecimal(text);
    if (value === undefined || isNegative(value)) {
      throw new RecordedMarketError(path, line, `${column}=${text} is not a decimal`);
    }
    return value;
  };
  const { symbol } = cells;
  if (cells.kind === 'T') {
    const price = amount('price');
    if (price !== undefined && isPositive(price)) second.trades.push({ symbol, price });
    return;
  }
  if (cells.kind !== 'Q') throw new RecordedMarketError(path, line, `kind=${cells.kind} is neither Q nor T`);
  const bid = amount('bid');
  const ask = amount('ask');
  if (bid !== undefined && ask !== undefined && compare(bid, ask) >= 0) return;
  const bidSize = amount('bidSize');
  const askSize = amount('askSize');
  second.quotes.push({
    symbol,
    id: String(line),
    ...(bid !== undefined && bidSize !== undefined && { bid, bidSize }),
    ...(ask !== undefined && askSize !== undefined && { ask, askSize }),
  });
}
