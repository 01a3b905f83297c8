import type { Response } from 'express';
import type { Outcome } from '../core/venue-engine';

/** Reports are text already; putting them in as they are saves writing each one again. */
export function answer(response: Response, status: number, { duplicate, order, reports }: Outcome): void {
  const view = order === undefined ? '' : `"order":${JSON.stringify(order)},`;
  response.status(status).type('application/json');
  response.end(`{"duplicate":${String(duplicate)},${view}"reports":[${reports.join(',')}]}`);
}
