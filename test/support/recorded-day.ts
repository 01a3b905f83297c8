import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { decimal } from '../../domain/money/decimal';

/** The recorded day, where the test data is beside the checkout. */
export const RECORDED_DAY = resolve(__dirname, '../../../shared/data/market-2013-10-07.csv.gz');
export const hasRecordedDay = (): boolean => existsSync(RECORDED_DAY);

export interface QuoteRow {
  time: string;
  bid: string;
  bidSize: string;
  ask: string;
  askSize: string;
}

/** Quote rows of one symbol that are neither crossed nor locked, ascending by time. */
export async function quotesOf(symbol: string): Promise<QuoteRow[]> {
  const rows: QuoteRow[] = [];
  const parser = createReadStream(RECORDED_DAY)
    .pipe(createGunzip())
    .pipe(parse({ columns: true }));
  for await (const row of parser as AsyncIterable<Record<string, string>>) {
    if (row['symbol'] !== symbol || row['kind'] !== 'Q') continue;
    const { time = '', bid = '', bidSize = '', ask = '', askSize = '' } = row;
    if (bid === '' || ask === '' || Number(bid) >= Number(ask)) continue;
    rows.push({ time, bid: decimal(bid), bidSize, ask: decimal(ask), askSize });
  }
  return rows;
}

/** The quote that stood at `time`: the last row at or before it. */
export function standingAt(rows: readonly QuoteRow[], time: string): QuoteRow | undefined {
  const at = Date.parse(time);
  return rows.findLast((row) => Date.parse(row.time) <= at);
}
